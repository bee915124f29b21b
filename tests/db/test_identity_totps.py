"""An authenticator's code is good once, a code on paper as well, and guessing locks."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import select

from db.tables.identity import sessions, totps
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.errors import TotpAlreadyOn, TotpLocked, TotpNotOn, TotpWrong
from domain.identity.outcome import Refused
from domain.identity.session import Session
from domain.identity.totps import confirm_totp, disable_totp, set_up_totp, verify_totp
from tests.commands import Commands
from tests.makers.identity import actor_of, sign_in


async def set_up(commands: Commands, gateways: Gateways, person: Actor) -> pyotp.TOTP:
    async with commands.by(person) as uow:
        return pyotp.TOTP((await set_up_totp(uow, gateways)).secret)


def shown(commands: Commands, app: pyotp.TOTP, *, steps: int = 0) -> str:
    """What the authenticator shows now, or so many half minutes from now."""
    return app.at(commands.now, counter_offset=steps)


async def confirm(commands: Commands, gateways: Gateways, person: Actor, code: str) -> tuple[str, ...] | Refused:
    async with commands.by(person) as uow:
        return await confirm_totp(uow, gateways, code=code)


async def verify(commands: Commands, gateways: Gateways, person: Actor, code: str) -> Session | Refused:
    async with commands.by(person) as uow:
        return await verify_totp(uow, gateways, code=code)


async def with_totp(commands: Commands, gateways: Gateways) -> tuple[Actor, pyotp.TOTP, tuple[str, ...]]:
    person = actor_of(await sign_in(commands, gateways))
    app = await set_up(commands, gateways, person)
    codes = await confirm(commands, gateways, person, shown(commands, app))
    assert not isinstance(codes, Refused)
    commands.later(timedelta(seconds=30))
    return person, app, codes


async def second_factor_at(commands: Commands) -> object:
    async with commands.database.read() as connection:
        return (await connection.execute(select(sessions.c.second_factor_at))).scalar_one()


def why(outcome: object) -> type[Exception] | None:
    return type(outcome.refusal) if isinstance(outcome, Refused) else None


async def test_a_code_marks_the_session_and_is_good_once(commands: Commands, gateways: Gateways) -> None:
    person, app, _ = await with_totp(commands, gateways)
    assert await second_factor_at(commands) is None
    code = shown(commands, app)

    assert isinstance(await verify(commands, gateways, person, code), Session)
    assert await second_factor_at(commands) == commands.now
    assert why(await verify(commands, gateways, person, code)) is TotpWrong
    assert why(await verify(commands, gateways, person, shown(commands, app, steps=-1))) is TotpWrong
    assert isinstance(await verify(commands, gateways, person, shown(commands, app, steps=1)), Session)


async def test_the_code_that_confirmed_is_used_up(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))
    app = await set_up(commands, gateways, person)
    code = shown(commands, app)
    await confirm(commands, gateways, person, code)

    assert why(await verify(commands, gateways, person, code)) is TotpWrong


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
async def test_a_clock_may_be_half_a_minute_off(
    commands: Commands, gateways: Gateways, steps: int, is_taken: bool
) -> None:
    person, app, _ = await with_totp(commands, gateways)
    commands.later(timedelta(minutes=2))

    assert isinstance(await verify(commands, gateways, person, shown(commands, app, steps=steps)), Session) is is_taken


async def test_of_one_code_shown_many_times_at_once_one_is_taken(commands: Commands, gateways: Gateways) -> None:
    person, app, _ = await with_totp(commands, gateways)
    code = shown(commands, app)

    ends = await asyncio.gather(*(verify(commands, gateways, person, code) for _ in range(4)))

    assert sum(isinstance(end, Session) for end in ends) == 1


async def test_codes_on_paper_are_good_once_each_and_kept_as_digests(commands: Commands, gateways: Gateways) -> None:
    person, _, codes = await with_totp(commands, gateways)
    assert len(set(codes)) == 10

    assert isinstance(await verify(commands, gateways, person, f" {codes[0].lower()} "), Session)
    assert why(await verify(commands, gateways, person, codes[0])) is TotpWrong
    assert isinstance(await verify(commands, gateways, person, codes[9]), Session)
    async with commands.database.read() as connection:
        row = (await connection.execute(select(totps))).one()
    assert len(row.recovery_digests) == 8
    kept = str(row) + str(await commands.trail())
    assert not any(code in kept for code in codes)


async def test_five_failures_lock_and_the_right_code_waits(commands: Commands, gateways: Gateways) -> None:
    person, app, codes = await with_totp(commands, gateways)

    ends = [await verify(commands, gateways, person, "000000") for _ in range(5)]
    assert [why(end) for end in ends] == [TotpWrong] * 4 + [TotpLocked]
    assert why(await verify(commands, gateways, person, shown(commands, app))) is TotpLocked
    assert why(await verify(commands, gateways, person, codes[0])) is TotpLocked
    commands.later(timedelta(minutes=15))
    assert isinstance(await verify(commands, gateways, person, shown(commands, app)), Session)


async def test_before_it_is_confirmed_it_counts_for_nothing(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))
    with pytest.raises(TotpNotOn):
        await confirm(commands, gateways, person, "123456")
    first, second = [await set_up(commands, gateways, person) for _ in range(2)]

    with pytest.raises(TotpNotOn):
        await verify(commands, gateways, person, shown(commands, second))
    assert why(await confirm(commands, gateways, person, shown(commands, first))) is TotpWrong
    assert not isinstance(await confirm(commands, gateways, person, shown(commands, second)), Refused)
    with pytest.raises(TotpAlreadyOn):
        await set_up(commands, gateways, person)
    with pytest.raises(TotpAlreadyOn):
        await confirm(commands, gateways, person, shown(commands, second, steps=1))


async def test_it_is_switched_off_by_a_code_and_not_without(commands: Commands, gateways: Gateways) -> None:
    person, app, _ = await with_totp(commands, gateways)

    async def disable(code: str) -> Refused | None:
        async with commands.by(person) as uow:
            return await disable_totp(uow, gateways, code=code)

    assert why(await disable("000000")) is TotpWrong
    assert await disable(shown(commands, app)) is None
    with pytest.raises(TotpNotOn):
        await verify(commands, gateways, person, shown(commands, app, steps=1))
    again = await set_up(commands, gateways, person)
    assert not isinstance(await confirm(commands, gateways, person, shown(commands, again)), Refused)


def test_the_address_is_what_apps_read(gateways: Gateways) -> None:
    secret = gateways.one_time_codes.new_secret()

    read = pyotp.parse_uri(gateways.one_time_codes.uri(secret, account="Amina W"))

    assert isinstance(read, pyotp.TOTP)
    assert (read.secret, read.issuer, read.name, read.digits, read.interval) == (secret, "Sokoni", "Amina W", 6, 30)
    assert len(secret) == 32
