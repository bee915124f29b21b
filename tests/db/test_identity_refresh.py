"""A refresh token is exchanged once, on its device; a second time ends the session."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from db.reads.identity import live_sessions
from db.tables.identity import refresh_tokens
from domain.gateways import Gateways
from domain.identity.access import SessionEnd
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.identity.errors import (
    DeviceMismatch,
    RefreshTokenInvalid,
    RefreshTokenReused,
    RefreshTokenSuperseded,
    SessionIsOver,
    UserIsBlocked,
)
from domain.identity.outcome import Refused
from domain.identity.refreshing import refresh_session
from domain.identity.role_grants import grant_role
from domain.identity.roles import Role
from domain.identity.session import REFRESH_LIFETIME
from domain.identity.signing_in import SignedIn
from tests.commands import Commands
from tests.makers.identity import NETWORK, sign_in


async def refresh(
    commands: Commands, gateways: Gateways, token: str, *, fingerprint: str = "fingerprint-1"
) -> SignedIn | Refused:
    async with commands.by(Actor.anonymous(address=NETWORK)) as uow:
        return await refresh_session(uow, refresh_token=token, fingerprint=fingerprint, gateways=gateways)


async def exchanged(commands: Commands, gateways: Gateways, token: str) -> SignedIn:
    outcome = await refresh(commands, gateways, token)
    assert isinstance(outcome, SignedIn)
    return outcome


async def is_live(commands: Commands, signed_in: SignedIn) -> bool:
    async with commands.database.read() as connection:
        return bool(await live_sessions(connection, user_id=signed_in.user.id, at=commands.now))


async def test_a_token_is_exchanged_for_the_next(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    commands.later(timedelta(days=6))

    second = await exchanged(commands, gateways, signed_in.refresh_token)
    commands.later(timedelta(days=6))
    third = await exchanged(commands, gateways, second.refresh_token)

    assert len({signed_in.refresh_token, second.refresh_token, third.refresh_token}) == 3
    assert third.session.id == signed_in.session.id
    assert third.session.expires_at == commands.now + REFRESH_LIFETIME
    assert third.claims.issued_at == commands.now


async def test_a_token_is_over_after_seven_days(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    commands.later(timedelta(days=7))

    with pytest.raises(RefreshTokenInvalid):
        await refresh(commands, gateways, signed_in.refresh_token)


async def test_an_invented_token_is_refused_and_ends_nothing(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)

    with pytest.raises(RefreshTokenInvalid):
        await refresh(commands, gateways, signed_in.refresh_token[:-1] + "_")

    assert await is_live(commands, signed_in)
    assert await commands.events("session.ended") == []


async def test_a_token_used_again_ends_the_session_for_both(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    newer = await exchanged(commands, gateways, signed_in.refresh_token)
    commands.later(timedelta(seconds=11))

    outcome = await refresh(commands, gateways, signed_in.refresh_token)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, RefreshTokenReused)
    assert not await is_live(commands, signed_in)
    [ended] = await commands.events("session.ended")
    assert (ended.body["session_id"], ended.body["reason"]) == (str(signed_in.session.id), SessionEnd.TOKEN_REUSED)
    with pytest.raises(SessionIsOver):
        await refresh(commands, gateways, newer.refresh_token)


async def test_a_token_of_long_ago_ends_the_session_too(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    newest = signed_in
    for _ in range(4):
        commands.later(timedelta(days=1))
        newest = await exchanged(commands, gateways, newest.refresh_token)

    outcome = await refresh(commands, gateways, signed_in.refresh_token)

    assert isinstance(outcome, Refused)
    assert not await is_live(commands, signed_in)


async def test_asking_twice_within_seconds_gains_nothing_and_ends_nothing(
    commands: Commands, gateways: Gateways
) -> None:
    signed_in = await sign_in(commands, gateways)
    newer = await exchanged(commands, gateways, signed_in.refresh_token)
    commands.later(timedelta(seconds=10))

    with pytest.raises(RefreshTokenSuperseded):
        await refresh(commands, gateways, signed_in.refresh_token)

    assert await is_live(commands, signed_in)
    assert isinstance(await refresh(commands, gateways, newer.refresh_token), SignedIn)


async def test_of_two_at_once_one_gets_tokens(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)

    outcomes = await asyncio.gather(
        *(refresh(commands, gateways, signed_in.refresh_token) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["RefreshTokenSuperseded", "SignedIn"]
    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(refresh_tokens)) == 2
    assert await is_live(commands, signed_in)


async def test_another_device_with_the_token_ends_the_session(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)

    outcome = await refresh(commands, gateways, signed_in.refresh_token, fingerprint="thief's phone")

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, DeviceMismatch)
    assert not await is_live(commands, signed_in)
    [ended] = await commands.events("session.ended")
    assert ended.body["reason"] == SessionEnd.DEVICE_MISMATCH


async def test_a_faster_thief_is_ended_by_signing_in_again(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    stolen = await exchanged(commands, gateways, signed_in.refresh_token)
    with pytest.raises(RefreshTokenSuperseded):
        await refresh(commands, gateways, signed_in.refresh_token)

    await sign_in(commands, gateways)

    with pytest.raises(SessionIsOver):
        await refresh(commands, gateways, stolen.refresh_token)


async def test_a_blocked_person_reads_why(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    async with commands.by_system() as uow:
        await block_user(uow, user_id=signed_in.user.id, reason="Selling air.", until=None)

    with pytest.raises(UserIsBlocked, match="Selling air"):
        await refresh(commands, gateways, signed_in.refresh_token)


async def test_a_refresh_brings_the_roles_of_now(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    async with commands.by_system() as uow:
        await grant_role(uow, user_id=signed_in.user.id, role=Role.SUPPORT, reason="New colleague.")

    newer = await exchanged(commands, gateways, signed_in.refresh_token)

    assert newer.claims.roles == {Role.CUSTOMER, Role.SUPPORT}
    assert newer.claims.generation == 1


async def test_links_whose_time_is_over_are_forgotten(commands: Commands, gateways: Gateways) -> None:
    newest = await sign_in(commands, gateways)
    for _ in range(12):
        commands.later(timedelta(days=1))
        newest = await exchanged(commands, gateways, newest.refresh_token)

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(refresh_tokens)) == 7


async def test_the_trail_names_no_digest_of_a_token(commands: Commands, gateways: Gateways) -> None:
    await exchanged(commands, gateways, (await sign_in(commands, gateways)).refresh_token)

    subjects = [change["subject"] for entry in await commands.trail() for change in entry.changes]

    assert {subject for subject in subjects if subject.startswith("refresh_tokens")} == {"refresh_tokens"}
