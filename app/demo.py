"""The demo people: who they are, how they are found again, and ready tokens for them. Never in production."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

from app.config import Settings
from app.keys import found_key
from app.wiring import Wiring, wired
from domain.identity.actor import Actor
from domain.identity.address import Address, parse_address
from domain.identity.outcome import Refused
from domain.identity.roles import Role
from domain.identity.session import Device, DevicePlatform
from domain.identity.signing_in import let_in
from domain.identity.user import User
from domain.ids import IdKind, encode_id
from domain.money import Asset
from domain.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """Somebody to try things as; the label is the role, numbered where several have it."""

    label: str
    name: str
    address: str
    roles: tuple[Role, ...]


PEOPLE: Final = (
    DemoPerson("customer", "Amina Otieno", "+254712000001", ()),
    DemoPerson("customer2", "Brian Kamau", "+254712000002", ()),
    DemoPerson("customer3", "Chidi Okafor", "chidi@demo.sokoni.example", ()),
    DemoPerson("customer4", "Divya Nair", "divya@demo.sokoni.example", ()),
    DemoPerson("merchant", "Esther's Electronics", "+254712000005", (Role.MERCHANT,)),
    DemoPerson("worker", "Farid Hassan", "+254712000006", (Role.WORKER,)),
    DemoPerson("moderator", "Grace Wanjiru", "grace@demo.sokoni.example", (Role.MODERATOR,)),
    DemoPerson("finance", "Hamisi Juma", "hamisi@demo.sokoni.example", (Role.FINANCE,)),
    DemoPerson("support", "Imani Mwangi", "imani@demo.sokoni.example", (Role.SUPPORT,)),
    DemoPerson("admin", "Joyce Achieng", "joyce@demo.sokoni.example", (Role.ADMIN,)),
)
SELLERS: Final = ("customer", "customer2", "customer3", "customer4", "merchant", "worker")


@dataclass(frozen=True, slots=True)
class DemoToken:
    """What it takes to act as somebody; the wallet is the one in KES. Names are those of the JSON."""

    userId: str  # noqa: N815  # as the API writes it
    accessToken: str  # noqa: N815  # as the API writes it
    walletId: str  # noqa: N815  # as the API writes it


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """A demo person as the explorer lists them; the wallet is the one in KES. Names are those of the JSON."""

    label: str
    name: str
    userId: str  # noqa: N815  # as the API writes it
    walletId: str  # noqa: N815  # as the API writes it


@dataclass(frozen=True, slots=True)
class DemoSession:
    """A session of a demo person. The refresh token is for the device that it was opened on."""

    token: DemoToken
    expires_at: datetime
    refresh_token: str


class NoDemoPeople(Exception):
    """The database was not seeded."""

    def __init__(self) -> None:
        super().__init__("There are no demo people here; `make seed` makes them in an empty database.")


async def tokens(wiring: Wiring) -> dict[str, DemoToken]:
    """A fresh session for each; earlier ones go on.

    Raises:
        NoDemoPeople: the database was not seeded.
        UserIsBlocked: one of them may not come in now.
    """
    return {person.label: (await open_session(wiring, person, _a_new_device())).token for person in PEOPLE}


async def tokens_as_json(settings: Settings) -> str:
    """Label → userId, accessToken, walletId."""
    async with wired(settings, application_name="sokoni demo") as wiring:
        await found_key(wiring)
        ready = await tokens(wiring)
    return json.dumps({label: asdict(token) for label, token in ready.items()}, indent=2)


def address_of(wiring: Wiring, person: DemoPerson) -> Address:
    """Where the person's passcodes go."""
    return parse_address(person.address, phone_numbers=wiring.gateways.phone_numbers)


async def known_people(wiring: Wiring) -> list[KnownPerson]:
    """Everybody there is to act as; nobody where the database was not seeded."""
    known = []
    async with wiring.unit_of_work(Actor.system(), operation="demoPeople", request_id="command") as uow:
        for person in PEOPLE:
            user = await uow.users.find_for_update(address_of(wiring, person))
            if user is not None:
                wallet = await _wallet_of(uow, user)
                known.append(KnownPerson(person.label, person.name, encode_id(IdKind.USER, user.id), wallet))
    return known


async def open_session(
    wiring: Wiring, person: DemoPerson, device: Device, *, request_id: str = "command"
) -> DemoSession:
    """A session of the person on the device, as if they had shown their passcode.

    Raises:
        NoDemoPeople: the database was not seeded.
        UserIsBlocked: they may not come in now.
    """
    async with wiring.unit_of_work(Actor.system(), operation="demoToken", request_id=request_id) as uow:
        user = await uow.users.find_for_update(address_of(wiring, person))
        if user is None:
            raise NoDemoPeople
        outcome = await let_in(uow, user=user, device=device, gateways=wiring.gateways)
        if isinstance(outcome, Refused):
            raise outcome.refusal
        wallet = await _wallet_of(uow, user)
    token = DemoToken(
        userId=encode_id(IdKind.USER, user.id),
        accessToken=await wiring.gateways.tokens.issue(outcome.claims),
        walletId=wallet,
    )
    return DemoSession(token, outcome.claims.expires_at, outcome.refresh_token)


async def _wallet_of(uow: UnitOfWork, user: User) -> str:
    wallet = await uow.wallets.find_of(user.id, Asset.KES)
    assert wallet is not None, "everybody has a wallet in KES"
    return encode_id(IdKind.WALLET, wallet.id)


def _a_new_device() -> Device:
    return Device.checked(fingerprint=secrets.token_hex(16), name="sokoni demo tokens", platform=DevicePlatform.OTHER)


def banner(address: str, ready: dict[str, DemoToken]) -> str:
    """What a newcomer may paste."""
    customer, friend = ready["customer"], ready["merchant"]
    return "\n".join(
        [
            f"\nSokoni is open at {address}  (a browser finds the explorer there)",
            f"GraphQL: {address}/graphql, SDL: {address}/schema.graphql\n",
            "Demo people (tokens last 15 minutes; `.venv/bin/sokoni demo tokens` prints fresh ones as JSON):",
            *(f"  {label:<10} {token.userId}  {token.accessToken}" for label, token in ready.items()),
            "\nA query:",
            _curl(address, None, "{listings(first:3){nodes{id title price{amount asset} city}nextCursor}}"),
            "\nA mutation (twice with one key pays once):",
            _curl(address, customer.accessToken, _payment(customer.walletId, friend.userId)),
            "\nA subscription (graphql-transport-ws at the same address, "
            'connection_init payload {"authorization": "Bearer <token>"}):',
            "  " + _wallet_events(customer.walletId),
            "\nCtrl-C stops everything; the data stay.\n",
        ]
    )


def _payment(wallet: str, friend: str) -> str:
    arguments = (
        f'fromWalletId:"{wallet}",recipientId:"{friend}",amount:{{amount:"12.50",asset:KES}},idempotencyKey:"lunch-1"'
    )
    return f"mutation{{transferCreate(input:{{{arguments}}}){{transfer{{id reference}}errors{{code message}}}}}}"


def _wallet_events(wallet: str) -> str:
    items = "... on WalletSnapshot{wallet{available{amount}}} ... on WalletUpdated{txn{type amount{amount}}}"
    return f'subscription{{walletEvents(walletId:"{wallet}"){{__typename {items}}}}}'


def _curl(address: str, token: str | None, document: str) -> str:
    words: Sequence[str] = (
        "  curl -s",
        f"{address}/graphql",
        "-H 'Content-Type: application/json'",
        *((f"-H 'Authorization: Bearer {token}'",) if token else ()),
        f"-d '{json.dumps({'query': document})}'",
    )
    return " ".join(words)
