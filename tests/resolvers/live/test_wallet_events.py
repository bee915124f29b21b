"""A wallet live: its owner sees the balance move, and nobody else does."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, WalletId, encode_id, new_id
from domain.ledger import chart
from domain.ledger.account import wallet_id_of
from domain.ledger.codes import TransferCode
from domain.ledger.holds import hold, release
from domain.money import Asset, Money
from tests.commands import NOON, Commands
from tests.makers.people import make_person
from tests.makers.wallets import grant, make_holder, posted, sending
from tests.resolvers.live.listening import HEAD, LiveApi

WALLET = "wallet { id version balance { amount } held { amount } available { amount asset } owner { displayName } }"
LISTEN = f"""
subscription($walletId: ID!, $after: StreamCursor, $snapshot: Boolean = true) {{
  walletEvents(walletId: $walletId, after: $after, snapshot: $snapshot) {{
    __typename
    ... on WalletSnapshot {{ cursor {WALLET} }}
    ... on WalletUpdated {{
      {HEAD} userId balance {{ amount }} available {{ amount }}
      txn {{ id type status amount {{ amount }} reference }} {WALLET} }}
    ... on HoldChanged {{
      {HEAD} userId holdId state amount {{ amount }} available {{ amount }} reference expiresAt {WALLET} }}
    ... on StreamGap {{ reason resumeFrom }}
    ... on StreamHeartbeat {{ cursor }} }} }}
"""


def shillings(text: str) -> Money:
    return Money.parse(text, Asset.KES, path=())


def wallet_of(person: Actor) -> str:
    return encode_id(IdKind.WALLET, wallet_id_of(person.user_id, Asset.KES))


async def test_both_sides_of_a_transfer_hear_their_new_balance(commands: Commands, live: LiveApi) -> None:
    sender, recipient = await make_holder(commands, shillings("100.00")), await make_holder(commands)
    await live.settled()

    async with (
        live.listening(sender, LISTEN, walletId=wallet_of(sender)) as paying,
        live.listening(recipient, LISTEN, walletId=wallet_of(recipient)) as paid,
    ):
        before = await paying.next()
        await paid.next()
        await posted(commands, sending("lunch:1", sender, recipient, shillings("12.50")))
        gone, come = await paying.next(), await paid.next()

    assert before["wallet"]["available"] == {"amount": "100.00", "asset": "KES"}
    assert before["wallet"]["owner"] == {"displayName": "Wanjiru"}
    assert (gone["type"], gone["userId"], gone["requestId"]) == (
        "wallet.update",
        encode_id(IdKind.USER, sender.user_id),
        "req-1",
    )
    assert (gone["balance"]["amount"], come["balance"]["amount"]) == ("87.50", "12.50")
    assert [(item["txn"]["type"], item["txn"]["amount"]["amount"]) for item in (gone, come)] == [
        ("DEBIT", "12.50"),
        ("CREDIT", "12.50"),
    ]
    assert gone["txn"]["reference"] == come["txn"]["reference"] == "lunch:1"
    assert gone["wallet"]["version"] > before["wallet"]["version"]


async def test_money_that_is_set_aside_and_given_back_is_told(commands: Commands, live: LiveApi) -> None:
    person = await make_holder(commands, shillings("100.00"))
    account = chart.user_wallet(person.user_id, Asset.KES)
    await live.settled()

    async with live.listening(person, LISTEN, walletId=wallet_of(person)) as heard:
        await heard.next()
        async with commands.by_system() as uow:
            await hold(
                uow,
                reference="payout:1",
                account=account,
                amount=shillings("40.00"),
                code=TransferCode.ADJUSTMENT,
                expires_at=NOON + timedelta(hours=1),
            )
        async with commands.by_system() as uow:
            await release(uow, reference="payout:1")
        held, released = await heard.next(), await heard.next()

    assert (held["type"], held["state"], held["amount"]["amount"]) == ("wallet.hold", "HELD", "40.00")
    assert (held["wallet"]["balance"]["amount"], held["available"]["amount"]) == ("100.00", "60.00")
    assert (released["state"], released["wallet"]["held"]["amount"]) == ("RELEASED", "0.00")


async def test_nobody_else_hears_a_wallet_and_it_does_not_exist_for_them(commands: Commands, live: LiveApi) -> None:
    owner, stranger = await make_holder(commands), await make_person(commands)
    finance = await make_person(commands, Role.FINANCE)

    for whose in (wallet_of(owner), encode_id(IdKind.WALLET, WalletId(new_id()))):
        for somebody in (stranger, finance):
            for snapshot in (True, False):
                async with live.listening(somebody, LISTEN, walletId=whose, snapshot=snapshot) as heard:
                    assert (await heard.refusal())["code"] == "NOT_FOUND"
    async with live.listening(Actor.anonymous(), LISTEN, walletId=wallet_of(owner)) as heard:
        assert (await heard.refusal())["code"] == "AUTHENTICATION_ERROR"
    async with live.listening(owner, LISTEN, walletId="wal_nonsense") as heard:
        assert (await heard.refusal())["code"] == "VALIDATION_ERROR"


async def test_snapshot_and_events_make_the_whole_under_concurrent_payments(commands: Commands, live: LiveApi) -> None:
    person = await make_holder(commands)
    account = chart.user_wallet(person.user_id, Asset.KES)

    is_over = False

    async def pay() -> None:
        while not is_over:
            await posted(commands, grant(account, shillings("1.00")))

    paying = asyncio.create_task(pay())
    for _ in range(4):
        async with live.listening(person, LISTEN, walletId=wallet_of(person)) as heard:
            first = await heard.next()
            version, balance = first["wallet"]["version"], Decimal(first["wallet"]["balance"]["amount"])
            for _ in range(3):
                item = await heard.next()
                version, balance = version + 1, balance + 1
                assert (item["wallet"]["version"], Decimal(item["balance"]["amount"])) == (version, balance)
    is_over = True
    await paying


async def test_a_cursor_resumes_without_hole_or_double(commands: Commands, live: LiveApi) -> None:
    person = await make_holder(commands)
    account = chart.user_wallet(person.user_id, Asset.KES)
    await live.settled()

    balances: list[str] = []
    cursor = None
    for step in range(1, 5):
        async with live.listening(person, LISTEN, walletId=wallet_of(person), after=cursor) as heard:
            if cursor is None:
                cursor = (await heard.next())["cursor"]
            for _ in range(step):
                await posted(commands, grant(account, shillings("1.00")))
            for _ in range(step):
                item = await heard.next()
                balances.append(item["balance"]["amount"])
                cursor = item["cursor"]
        await posted(commands, grant(account, shillings("1.00")))
        async with live.listening(person, LISTEN, walletId=wallet_of(person), after=cursor) as heard:
            item = await heard.next()
            balances.append(item["balance"]["amount"])
            cursor = item["cursor"]

    assert balances == [f"{number}.00" for number in range(1, 15)]
