"""The second factor: set once, changed by who knows it, locked after five failures."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from db.tables.identity import pins, sessions
from domain.errors import ConcurrentChange, InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.errors import PasscodeExpired, PasscodeWrong, PinAlreadySet, PinLocked, PinNotSet, PinWrong
from domain.identity.outcome import Refused
from domain.identity.passcode import PasscodePurpose
from domain.identity.pins import change_pin, reset_pin, set_pin, verify_pin
from domain.identity.session import Session
from tests.commands import Commands
from tests.makers.identity import EMAIL, PHONE, actor_of, ask_code, sign_in, wrong

PIN = "482913"
OTHER = "750162"


async def with_pin(commands: Commands, gateways: Gateways) -> Actor:
    person = actor_of(await sign_in(commands, gateways))
    async with commands.by(person) as uow:
        await set_pin(uow, pin=PIN, gateways=gateways)
    return person


async def show(commands: Commands, gateways: Gateways, person: Actor, pin: str) -> Session | Refused:
    async with commands.by(person) as uow:
        return await verify_pin(uow, pin=pin, gateways=gateways)


async def fail(commands: Commands, gateways: Gateways, person: Actor, *, times: int) -> list[Refused]:
    outcomes = [await show(commands, gateways, person, OTHER) for _ in range(times)]
    return [outcome for outcome in outcomes if isinstance(outcome, Refused)]


async def test_a_pin_is_kept_as_a_slow_hash(commands: Commands, gateways: Gateways) -> None:
    await with_pin(commands, gateways)

    async with commands.database.read() as connection:
        kept = (await connection.execute(select(pins.c.hash))).scalar_one()
        trail = str((await connection.execute(text("select audit_entries::text from audit_entries"))).all())
    assert kept.startswith("$argon2id$")
    assert kept not in trail
    assert PIN not in trail


async def test_a_second_pin_needs_the_first(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)

    with pytest.raises(PinAlreadySet):
        async with commands.by(person) as uow:
            await set_pin(uow, pin=OTHER, gateways=gateways)

    assert isinstance(await show(commands, gateways, person, PIN), Session)


async def test_of_two_first_pins_at_once_one_is_kept(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))

    async def choose(pin: str) -> None:
        async with commands.by(person) as uow:
            await set_pin(uow, pin=pin, gateways=gateways)

    outcomes = await asyncio.gather(choose(PIN), choose(OTHER), return_exceptions=True)

    [refusal] = [outcome for outcome in outcomes if outcome is not None]
    assert isinstance(refusal, ConcurrentChange | PinAlreadySet)
    kept = [pin for pin in (PIN, OTHER) if isinstance(await show(commands, gateways, person, pin), Session)]
    assert len(kept) == 1


async def test_a_weak_pin_is_refused_and_nothing_is_kept(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))

    with pytest.raises(InvalidInput):
        async with commands.by(person) as uow:
            await set_pin(uow, pin="123456", gateways=gateways)
    with pytest.raises(PinNotSet):
        await show(commands, gateways, person, "123456")


async def test_the_right_pin_marks_the_session(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)
    commands.later(timedelta(minutes=3))

    outcome = await show(commands, gateways, person, PIN)

    assert isinstance(outcome, Session)
    async with commands.database.read() as connection:
        assert (await connection.execute(select(sessions.c.second_factor_at))).scalar_one() == commands.now


async def test_a_wrong_pin_is_counted_and_marks_nothing(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)

    [refused] = await fail(commands, gateways, person, times=1)

    assert isinstance(refused.refusal, PinWrong)
    assert refused.refusal.attempts_left == 4
    async with commands.database.read() as connection:
        assert (await connection.execute(select(pins.c.failures))).scalar_one() == 1
        assert (await connection.execute(select(sessions.c.second_factor_at))).scalar_one() is None


async def test_after_five_failures_the_right_pin_waits_fifteen_minutes(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)
    refusals = await fail(commands, gateways, person, times=5)

    locked = await show(commands, gateways, person, PIN)
    commands.later(timedelta(minutes=15))
    after = await show(commands, gateways, person, PIN)

    assert [type(refused.refusal) for refused in refusals] == [PinWrong] * 4 + [PinLocked]
    assert isinstance(locked, Refused)
    assert isinstance(locked.refusal, PinLocked)
    assert locked.refusal.retry_after_seconds == 15 * 60
    assert isinstance(after, Session)


async def test_parallel_failures_are_counted_one_by_one(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)

    outcomes = await asyncio.gather(*(show(commands, gateways, person, OTHER) for _ in range(8)))

    kinds = [type(outcome.refusal) for outcome in outcomes if isinstance(outcome, Refused)]
    assert (kinds.count(PinWrong), kinds.count(PinLocked)) == (4, 4)


async def test_a_changed_pin_is_the_only_one(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)

    async with commands.by(person) as uow:
        assert await change_pin(uow, current_pin=PIN, new_pin=OTHER, gateways=gateways) is None

    assert isinstance(await show(commands, gateways, person, PIN), Refused)
    assert isinstance(await show(commands, gateways, person, OTHER), Session)


async def test_a_change_without_the_present_pin_counts_as_a_failure(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)
    await fail(commands, gateways, person, times=4)

    async with commands.by(person) as uow:
        outcome = await change_pin(uow, current_pin="860417", new_pin=OTHER, gateways=gateways)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, PinLocked)
    commands.later(timedelta(minutes=15))
    assert isinstance(await show(commands, gateways, person, PIN), Session)


@pytest.mark.parametrize("new_pin", [PIN, "111111", "12"])
async def test_a_change_to_the_same_or_a_weak_pin_is_refused(
    commands: Commands, gateways: Gateways, new_pin: str
) -> None:
    person = await with_pin(commands, gateways)

    with pytest.raises(InvalidInput) as refused:
        async with commands.by(person) as uow:
            await change_pin(uow, current_pin=PIN, new_pin=new_pin, gateways=gateways)

    assert [fault.path for fault in refused.value.faults] == [("newPin",)]
    assert isinstance(await show(commands, gateways, person, PIN), Session)


async def test_without_a_pin_there_is_nothing_to_change(commands: Commands, gateways: Gateways) -> None:
    person = actor_of(await sign_in(commands, gateways))

    with pytest.raises(PinNotSet):
        async with commands.by(person) as uow:
            await change_pin(uow, current_pin=PIN, new_pin=OTHER, gateways=gateways)


async def test_a_forgotten_pin_is_replaced_by_a_passcode(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)
    await fail(commands, gateways, person, times=5)
    code = await ask_code(commands, gateways, purpose=PasscodePurpose.PIN_RESET)

    async with commands.by(person) as uow:
        assert await reset_pin(uow, address=PHONE, code=code, new_pin=OTHER, gateways=gateways) is None

    assert isinstance(await show(commands, gateways, person, OTHER), Session)


async def test_a_reset_with_a_wrong_code_is_counted(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)
    code = await ask_code(commands, gateways, purpose=PasscodePurpose.PIN_RESET)

    async with commands.by(person) as uow:
        outcome = await reset_pin(uow, address=PHONE, code=wrong(code), new_pin=OTHER, gateways=gateways)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, PasscodeWrong)
    assert outcome.refusal.attempts_left == 4
    assert isinstance(await show(commands, gateways, person, PIN), Session)


async def test_a_code_of_somebody_elses_address_resets_nothing(commands: Commands, gateways: Gateways) -> None:
    person = await with_pin(commands, gateways)
    code = await ask_code(commands, gateways, EMAIL, purpose=PasscodePurpose.PIN_RESET)

    async with commands.by(person) as uow:
        outcome = await reset_pin(uow, address=EMAIL, code=code, new_pin=OTHER, gateways=gateways)

    assert isinstance(outcome, Refused)
    assert isinstance(outcome.refusal, PasscodeExpired)
    assert isinstance(await show(commands, gateways, person, PIN), Session)
