"""Coming in: registered the first time, one session a device, and nobody who is blocked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from db.reads.identity import live_sessions
from db.tables.identity import sessions, users
from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.identity.access import ACCESS_LIFETIME, SessionEnd
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.identity.errors import PasscodeWrong, SessionIsOver, SessionNotFound, UserIsBlocked
from domain.identity.outcome import Refused
from domain.identity.roles import Role
from domain.identity.session import REFRESH_LIFETIME, SESSIONS_MAX, DevicePlatform
from domain.identity.session import Device as DeviceOf
from domain.identity.signing_in import SignedIn, sign_in_with_passcode, start_session
from domain.identity.signing_out import revoke_all_sessions, revoke_session
from domain.ids import IdKind, encode_id
from domain.registration import sign_in as sign_in_and_register
from domain.wallets.wallet import WALLET_ASSETS
from tests.commands import Commands
from tests.makers.identity import EMAIL, NETWORK, PHONE, actor_of, ask_code, make_device, sign_in, wrong


async def try_to_sign_in(commands: Commands, gateways: Gateways, code: str) -> SignedIn | Refused:
    async with commands.by(Actor.anonymous(address=NETWORK)) as uow:
        return await sign_in_with_passcode(uow, address=PHONE, code=code, device=make_device(), gateways=gateways)


async def block(commands: Commands, signed_in: SignedIn, *, hours: int | None) -> None:
    until = None if hours is None else commands.now + timedelta(hours=hours)
    async with commands.by_system() as uow:
        await block_user(uow, user_id=signed_in.user.id, reason="Selling air.", until=until)


async def live(commands: Commands, signed_in: SignedIn) -> list[str]:
    async with commands.database.read() as connection:
        found = await live_sessions(connection, user_id=signed_in.user.id, at=commands.now)
    return [session.device_name for session in found]


async def test_the_first_sign_in_registers(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)

    assert signed_in.is_new
    assert (signed_in.user.phone, signed_in.user.roles) == (PHONE, (Role.CUSTOMER,))
    assert [event.name for event in await commands.events()] == ["user.registered", "session.started"]
    assert {event.subject for event in await commands.events()} == {encode_id(IdKind.USER, signed_in.user.id)}


async def test_the_first_sign_in_opens_the_wallets(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways, EMAIL)

    async with commands.by(Actor.anonymous(address=NETWORK)) as uow:
        outcome = await sign_in_and_register(uow, address=EMAIL, code=code, device=make_device(), gateways=gateways)

    assert isinstance(outcome, SignedIn)
    async with commands.database.read() as connection:
        owned = await connection.scalar(
            text("select count(*) from wallets where owner_id = :owner"), {"owner": outcome.user.id}
        )
    assert owned == len(WALLET_ASSETS)


async def test_the_second_sign_in_finds_the_same_person(commands: Commands, gateways: Gateways) -> None:
    first = await sign_in(commands, gateways)
    second = await sign_in(commands, gateways, device=make_device("fingerprint-2"))

    assert not second.is_new
    assert second.user.id == first.user.id
    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(users)) == 1


async def test_claims_say_who_where_and_for_how_long(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)

    claims = signed_in.claims
    assert (claims.user_id, claims.session_id) == (signed_in.user.id, signed_in.session.id)
    assert (claims.roles, claims.generation) == (frozenset({Role.CUSTOMER}), 0)
    assert claims.expires_at - claims.issued_at == ACCESS_LIFETIME == timedelta(minutes=15)
    assert signed_in.session.expires_at == commands.now + REFRESH_LIFETIME == commands.now + timedelta(days=7)


async def test_a_wrong_code_registers_nobody_and_is_counted(commands: Commands, gateways: Gateways) -> None:
    code = await ask_code(commands, gateways)

    outcome = await try_to_sign_in(commands, gateways, wrong(code))

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, PasscodeWrong)
    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(users)) == 0
        assert await connection.scalar(text("select tries from passcodes")) == 1
    assert await commands.events() == []


async def test_a_blocked_person_reads_why(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    await block(commands, signed_in, hours=None)
    code = await ask_code(commands, gateways)

    outcome = await try_to_sign_in(commands, gateways, code)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, UserIsBlocked)
    assert str(outcome.refusal) == "This account is blocked: Selling air."
    assert await live(commands, signed_in) == []
    assert len(await commands.events("session.started")) == 1


async def test_a_block_lapses_at_its_end(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    await block(commands, signed_in, hours=2)
    commands.later(timedelta(hours=2))

    again = await sign_in(commands, gateways)

    assert (again.user.status.value, again.user.blocked_reason) == ("ACTIVE", None)
    assert again.claims.generation == 1


async def test_signing_in_again_on_a_device_replaces_its_session(commands: Commands, gateways: Gateways) -> None:
    first = await sign_in(commands, gateways)
    elsewhere = await sign_in(commands, gateways, device=make_device("fingerprint-2", name="Tablet"))
    await sign_in(commands, gateways)

    assert sorted(await live(commands, first)) == ["Amina's phone", "Tablet"]
    [ended] = await commands.events("session.ended")
    assert ended.body["session_id"] == str(first.session.id) != str(elsewhere.session.id)
    assert ended.body["reason"] == SessionEnd.REPLACED


async def test_the_stalest_of_too_many_sessions_ends(commands: Commands, gateways: Gateways) -> None:
    first = await sign_in(commands, gateways, device=make_device("fingerprint-0", name="Device 0"))
    for number in range(1, SESSIONS_MAX + 1):
        commands.later(timedelta(minutes=1))
        async with commands.by_system() as uow:
            user = await uow.users.get_for_update(first.user.id)
            device = make_device(f"fingerprint-{number}", name=f"Device {number}")
            await start_session(uow, user=user, device=device, gateways=gateways)

    assert await live(commands, first) == [f"Device {number}" for number in range(SESSIONS_MAX, 0, -1)]
    [ended] = await commands.events("session.ended")
    assert (ended.body["session_id"], ended.body["reason"]) == (str(first.session.id), SessionEnd.TOO_MANY)


def test_a_device_that_does_not_name_itself_is_refused() -> None:
    with pytest.raises(InvalidInput):
        DeviceOf.checked(fingerprint="short", name="Phone", platform=DevicePlatform.IOS)
    with pytest.raises(InvalidInput):
        DeviceOf.checked(fingerprint="long enough", name="", platform=DevicePlatform.IOS)


async def test_signing_out_ends_the_session(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)

    async with commands.by(actor_of(signed_in)) as uow:
        await revoke_session(uow, session_id=signed_in.session.id)

    assert await live(commands, signed_in) == []
    [ended] = await commands.events("session.ended")
    assert ended.body["reason"] == SessionEnd.SIGNED_OUT


async def test_a_session_elsewhere_is_revoked_once(commands: Commands, gateways: Gateways) -> None:
    lost = await sign_in(commands, gateways)
    here = await sign_in(commands, gateways, device=make_device("fingerprint-2", name="Tablet"))
    async with commands.by(actor_of(here)) as uow:
        await revoke_session(uow, session_id=lost.session.id)

    with pytest.raises(SessionIsOver):
        async with commands.by(actor_of(here)) as uow:
            await revoke_session(uow, session_id=lost.session.id)

    assert await live(commands, here) == ["Tablet"]
    [ended] = await commands.events("session.ended")
    assert ended.body["reason"] == SessionEnd.REVOKED


async def test_somebody_elses_session_does_not_exist(commands: Commands, gateways: Gateways) -> None:
    theirs = await sign_in(commands, gateways)
    mine = await sign_in(commands, gateways, EMAIL)

    with pytest.raises(SessionNotFound):
        async with commands.by(actor_of(mine)) as uow:
            await revoke_session(uow, session_id=theirs.session.id)

    assert len(await live(commands, theirs)) == 1
    assert await commands.events("session.ended") == []


async def test_all_sessions_end_at_once_but_not_those_of_others(commands: Commands, gateways: Gateways) -> None:
    phone = await sign_in(commands, gateways)
    await sign_in(commands, gateways, device=make_device("fingerprint-2", name="Tablet"))
    other = await sign_in(commands, gateways, EMAIL)

    async with commands.by(actor_of(phone)) as uow:
        ended = await revoke_all_sessions(uow)

    assert len(ended) == 2
    assert await live(commands, phone) == []
    assert len(await live(commands, other)) == 1
    assert len(await commands.events("session.ended")) == 2


async def test_events_and_audit_show_neither_address_nor_device_nor_token(
    commands: Commands, gateways: Gateways
) -> None:
    signed_in = await sign_in(commands, gateways)

    async with commands.database.read() as connection:
        for table in ("outbox", "audit_entries"):
            kept = str((await connection.execute(text(f"select {table}::text from {table}"))).all())
            for secret in (PHONE, "fingerprint-1", "Amina's phone", signed_in.refresh_token):
                assert secret not in kept
        tokens = str((await connection.execute(text("select refresh_tokens::text from refresh_tokens"))).all())
        assert signed_in.refresh_token.encode().hex() not in tokens
        assert (await connection.execute(select(sessions.c.device_digest))).scalar_one() != b"fingerprint-1"
    assert signed_in.refresh_token not in repr(signed_in)
