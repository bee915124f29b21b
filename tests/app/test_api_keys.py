"""Whom a signed request lets in, and what keeps it out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from app.api_keys import ApiKeyAuthentication, presented_in
from app.uses import Uses
from db.reads.api_keys import api_key_page
from db.signatures import forget_signatures, use_signature
from domain.errors import AuthenticationRefused
from domain.gateways import Gateways
from domain.identity.api_key import ActingKey, ApiKeyFilter, ApiKeyKind
from domain.identity.api_keys import revoke_api_key
from domain.identity.blocking import block_user
from domain.identity.roles import Role
from domain.identity.signed_request import SignedRequest
from domain.ids import ApiKeyId, SessionId, new_id
from domain.page import PageRequest
from tests.commands import Commands
from tests.makers.api_keys import make_api_key, signed
from tests.makers.people import make_person
from transport.surroundings import Caller, caller_of

BODY = b'{"query":"{ viewer { id } }"}'
ADDRESS = "203.0.113.7"


@dataclass
class Sent:
    """A request as it arrives."""

    method: str = "POST"
    path: str = "/graphql"
    query: str = ""
    body: bytes = BODY
    address: str = ADDRESS
    media: str = "application/json"

    @property
    def caller(self) -> Caller:
        async def receive() -> Any:
            return {"type": "http.request", "body": self.body}

        return caller_of(
            {
                "method": self.method,
                "raw_path": self.path.encode(),
                "query_string": self.query.encode(),
                "headers": [(b"content-type", self.media.encode())],
                "client": (self.address, 1),
                "state": {"request_id": "req-1"},
            },
            receive,
        )


def at_noon(commands: Commands, *, late: timedelta = timedelta(0), **changes: Any) -> SignedRequest:
    made = SignedRequest(
        method="POST",
        target="/graphql",
        timestamp_ms=int((commands.now - late).timestamp() * 1000),
        body=BODY,
    )
    return replace(made, **changes)


def authentication_of(commands: Commands, gateways: Gateways, uses: Uses | None = None) -> ApiKeyAuthentication:
    return ApiKeyAuthentication(
        commands.database.reads,
        sealer=gateways.sealer,
        clock=commands.clock,
        uses=uses or Uses(commands.database, clock=commands.clock),
    )


async def test_a_signed_request_acts_in_its_owners_name(commands: Commands, gateways: Gateways) -> None:
    owner = await make_person(commands, Role.MERCHANT, Role.ADMIN)
    made = await make_api_key(commands, gateways, owner, networks=["203.0.113.0/24"])
    request = at_noon(commands, target="/graphql?tag=1")

    known = await authentication_of(commands, gateways).of(
        signed(made.key.id, made.secret, request), Sent(query="tag=1").caller
    )

    assert known.actor.key == ActingKey(made.key.id, ApiKeyKind.DEVELOPER)
    assert (known.actor.user, known.actor.roles) == (owner.user, frozenset({Role.CUSTOMER, Role.MERCHANT}))
    assert (known.actor.address, known.actor.session) == (ADDRESS, None)
    assert known.claims.session_id == SessionId(made.key.id)
    assert known.claims.expires_at == commands.now + timedelta(hours=24)
    assert known.signature.hex() == request.signature(made.secret)


REFUSED: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"body": b'{"query":"{ viewer { name } }"}'}, {}, "SIGNATURE_INVALID"),
    ({"path": "/other"}, {}, "SIGNATURE_INVALID"),
    ({"query": "x=1"}, {}, "SIGNATURE_INVALID"),
    ({"method": "GET"}, {}, "SIGNATURE_INVALID"),
    ({}, {"late": timedelta(minutes=5, milliseconds=1)}, "SIGNATURE_EXPIRED"),
    ({}, {"late": timedelta(minutes=-6)}, "SIGNATURE_EXPIRED"),
    ({"address": "198.51.100.1"}, {}, "ADDRESS_NOT_ALLOWED"),
    ({"media": "multipart/form-data; boundary=x"}, {}, "BODY_NOT_SIGNED"),
]


@pytest.mark.parametrize(("sent", "request_changes", "reason"), REFUSED)
async def test_what_is_not_as_it_was_signed_is_kept_out(
    commands: Commands, gateways: Gateways, sent: dict[str, Any], request_changes: dict[str, Any], reason: str
) -> None:
    owner = await make_person(commands)
    made = await make_api_key(commands, gateways, owner, networks=["203.0.113.0/24"])
    uses = Uses(commands.database, clock=commands.clock)
    credential = signed(made.key.id, made.secret, at_noon(commands, **request_changes))

    with pytest.raises(AuthenticationRefused) as refused:
        await authentication_of(commands, gateways, uses).of(credential, Sent(**sent).caller)
    await uses.write()

    assert refused.value.reason == reason
    assert await last_used(commands) == [None]


@pytest.mark.parametrize(
    "damage",
    [
        lambda credential: credential.replace("signature=", "signature=0"),
        lambda credential: credential[:-1] + ("0" if credential[-1] != "0" else "1"),
        lambda credential: credential.upper(),
        lambda credential: credential.replace("key=key_", "key=usr_"),
        lambda credential: credential.replace("timestamp=", "timestamp=-"),
        lambda credential: credential.replace("timestamp=", "time="),
        lambda _: "Sokoni-HMAC-SHA256 ",
        lambda _: "Sokoni-HMAC-SHA256 " + "," * 10_000,
    ],
)
async def test_another_form_is_kept_out(commands: Commands, gateways: Gateways, damage: Callable[[str], str]) -> None:
    made = await make_api_key(commands, gateways, await make_person(commands))
    credential = damage(signed(made.key.id, made.secret, at_noon(commands)))

    with pytest.raises(AuthenticationRefused) as refused:
        await authentication_of(commands, gateways).of(credential, Sent().caller)

    assert refused.value.reason == "SIGNATURE_INVALID"


async def test_an_unknown_key_looks_like_a_wrong_signature(commands: Commands, gateways: Gateways) -> None:
    made = await make_api_key(commands, gateways, await make_person(commands))
    other = await make_api_key(commands, gateways, await make_person(commands))
    authentication, request = authentication_of(commands, gateways), at_noon(commands)
    told = []
    for key_id, secret in ((ApiKeyId(new_id()), made.secret), (made.key.id, other.secret)):
        with pytest.raises(AuthenticationRefused) as refused:
            await authentication.of(signed(key_id, secret, request), Sent().caller)
        told.append((refused.value.reason, str(refused.value)))

    assert told[0] == told[1]
    assert told[0][0] == "SIGNATURE_INVALID"


async def test_a_revoked_key_is_told_so_only_when_it_signed(commands: Commands, gateways: Gateways) -> None:
    owner = await make_person(commands)
    made = await make_api_key(commands, gateways, owner)
    authentication, request = authentication_of(commands, gateways), at_noon(commands)
    await authentication.of(signed(made.key.id, made.secret, request), Sent().caller)
    async with commands.by(owner) as uow:
        await revoke_api_key(uow, key_id=made.key.id, reason="Lost")

    with pytest.raises(AuthenticationRefused) as by_it:
        await authentication.of(signed(made.key.id, made.secret, request), Sent().caller)
    with pytest.raises(AuthenticationRefused) as by_another:
        await authentication.of(signed(made.key.id, "sk_guessed", request), Sent().caller)

    assert (by_it.value.reason, by_another.value.reason) == ("API_KEY_REVOKED", "SIGNATURE_INVALID")


async def test_a_blocked_owners_keys_are_out_at_once(commands: Commands, gateways: Gateways) -> None:
    owner = await make_person(commands)
    made = await make_api_key(commands, gateways, owner)
    authentication, credential = authentication_of(commands, gateways), ""
    async with commands.by_system() as uow:
        await block_user(uow, user_id=owner.user_id, reason="Fraud", until=commands.now + timedelta(hours=1))
    credential = signed(made.key.id, made.secret, at_noon(commands))

    with pytest.raises(AuthenticationRefused) as refused:
        await authentication.of(credential, Sent().caller)
    commands.later(timedelta(hours=1))
    known = await authentication.of(signed(made.key.id, made.secret, at_noon(commands)), Sent().caller)

    assert refused.value.reason == "USER_BLOCKED"
    assert known.claims.generation == 1


async def test_last_use_is_written_together_and_never_goes_back(commands: Commands, gateways: Gateways) -> None:
    made = await make_api_key(commands, gateways, await make_person(commands))
    uses = Uses(commands.database, clock=commands.clock)
    authentication = authentication_of(commands, gateways, uses)
    noon = commands.now
    for _ in range(3):
        await authentication.of(signed(made.key.id, made.secret, at_noon(commands)), Sent().caller)
    before = await last_used(commands)

    await uses.write()
    written = await last_used(commands)
    uses.of_key(made.key.id)
    commands.later(timedelta(hours=-1))
    await uses.write()

    assert (before, written, await last_used(commands)) == ([None], [noon], [noon])


async def test_uses_that_could_not_be_written_are_written_the_next_time(commands: Commands, gateways: Gateways) -> None:
    made = await make_api_key(commands, gateways, await make_person(commands))
    uses = Uses(commands.database, clock=commands.clock)
    uses.of_key(made.key.id)
    async with commands.database.transaction() as connection:
        await connection.execute(text("alter table api_keys rename to away"))
    try:
        with pytest.raises(Exception, match="api_keys"):
            await uses.write()
    finally:
        async with commands.database.transaction() as connection:
            await connection.execute(text("alter table away rename to api_keys"))

    await uses.write()

    assert await last_used(commands) == [commands.now]


async def test_what_was_used_is_written_before_the_process_ends(commands: Commands, gateways: Gateways) -> None:
    made = await make_api_key(commands, gateways, await make_person(commands))
    uses = Uses(commands.database, clock=commands.clock)
    running = asyncio.create_task(uses.run())
    await asyncio.sleep(0)
    uses.of_key(made.key.id)

    running.cancel()
    await asyncio.gather(running, return_exceptions=True)

    assert await last_used(commands) == [commands.now]


async def test_a_signature_is_used_once_until_it_is_too_old_to_be_timely(commands: Commands) -> None:
    signature, other = bytes(32), bytes([1] * 32)

    first = await use_signature(commands.database, signature, at=commands.now)
    again = await use_signature(commands.database, signature, at=commands.now + timedelta(minutes=1))
    another = await use_signature(commands.database, other, at=commands.now + timedelta(minutes=1))
    forgotten = await forget_signatures(commands.database, before=commands.now + timedelta(seconds=1), limit=10)

    assert (first, again, another, forgotten) == (True, False, True, 1)
    assert await use_signature(commands.database, signature, at=commands.now)
    assert not await use_signature(commands.database, other, at=commands.now)


async def last_used(commands: Commands) -> list[Any]:
    async with commands.database.read() as connection:
        page = await api_key_page(connection, wanted=ApiKeyFilter(), page=PageRequest())
    return [key.last_used_at for key in page.items]


SIGNED = st.builds("Sokoni-HMAC-SHA256 key={},timestamp={},signature={}".format, st.text(), st.text(), st.text())


@given(st.text() | SIGNED)
def test_no_credential_is_more_than_refused(credential: str) -> None:
    with pytest.raises(AuthenticationRefused):
        presented_in(credential)
