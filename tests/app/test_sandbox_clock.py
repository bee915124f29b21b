"""Processes of a sandbox show one time: they never disagree, and never go back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from app.config import Settings
from app.sandbox import HouseSandbox
from app.sandbox_acquirers import acquirers_application
from app.sandbox_daraja import daraja_application
from app.wiring import Wiring, wired
from db.sandbox_clock import read_advance, write_advance
from domain.clock import AdvancedClock, ClockAdvance
from domain.errors import ConcurrentChange, GatewayFault
from domain.payments.state import Rail
from integrations.sandbox.driving import ServerDriver
from tests.daraja import serving

HOUR = timedelta(hours=1)


@pytest.fixture
def settings(fresh_database_url: str, redis_url: str) -> Settings:
    return Settings(database_url=fresh_database_url, redis_url=redis_url)


def acquirers(settings: Settings) -> web.Application:
    return acquirers_application(settings, port=8091, api="http://127.0.0.1:9")


def daraja(settings: Settings) -> web.Application:
    return daraja_application(settings)


async def stand_ins_time(url: str) -> datetime:
    """What it shows when nobody moves it on."""
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/sandbox/clock", json={"ahead_seconds": 0}) as answer,
    ):
        return datetime.fromisoformat((await answer.json())["now"])


def ahead(wiring: Wiring) -> timedelta:
    return wiring.clock.now() - datetime.now(UTC)


async def test_what_one_process_moves_all_show_at_once(settings: Settings) -> None:
    async with wired(settings, application_name="one") as one, wired(settings, application_name="other") as other:
        assert one.house_clock is not None
        heard = asyncio.Event()
        assert other.house_clock is not None
        other.house_clock.when_moved(heard.set)

        await one.house_clock.advance(HOUR)

        assert timedelta(0) <= HOUR - ahead(other) < timedelta(seconds=1)
        assert timedelta(0) <= HOUR - ahead(one) < timedelta(seconds=1)
        await asyncio.wait_for(heard.wait(), 5)
        assert other.house_clock.ahead == HOUR


async def test_processes_that_move_it_at_once_lose_no_step_and_show_no_earlier_time(settings: Settings) -> None:
    async with wired(settings, application_name="one") as one, wired(settings, application_name="other") as other:
        seen: dict[str, list[datetime]] = {"one": [], "other": []}
        moving = True

        async def watch() -> None:
            while moving:
                seen["one"].append(one.clock.now())
                seen["other"].append(other.clock.now())
                await asyncio.sleep(0.001)

        async def move(wiring: Wiring) -> int:
            assert wiring.house_clock is not None
            try:
                await wiring.house_clock.advance(HOUR)
            except ConcurrentChange:
                return 0
            return 1

        watching = asyncio.create_task(watch())
        moved = sum(await asyncio.gather(*(move(wiring) for _ in range(3) for wiring in (one, other))))
        moved += await move(one)
        moving = False
        await watching

        assert moved >= 2
        assert one.house_clock is not None
        assert one.house_clock.ahead == moved * HOUR
        assert all(times == sorted(times) for times in seen.values())
        together = zip(seen["one"], seen["other"], strict=True)
        assert all(theirs - ours < timedelta(seconds=1) for ours, theirs in together)


async def test_the_time_outlives_the_processes(settings: Settings) -> None:
    async with wired(settings, application_name="one") as one:
        assert one.house_clock is not None
        await one.house_clock.advance(3 * HOUR)

    async with wired(settings, application_name="later") as later:
        assert timedelta(0) <= 3 * HOUR - ahead(later) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("made", "clock"), [(acquirers, "/stripe"), (acquirers, "/paypal"), (acquirers, "/razorpay"), (daraja, "")]
)
async def test_what_stands_in_for_providers_begins_at_the_time_of_the_house(
    settings: Settings, made: Callable[[Settings], web.Application], clock: str
) -> None:
    async with wired(settings, application_name="one") as one:
        assert one.house_clock is not None
        await one.house_clock.advance(3 * HOUR)

    async with serving(made(settings)) as url:
        shown = await stand_ins_time(f"{url}{clock}")

    assert timedelta(0) <= 3 * HOUR - (shown - datetime.now(UTC)) < timedelta(seconds=5)


async def test_one_stand_in_that_does_not_follow_leaves_no_other_behind(settings: Settings) -> None:
    async with wired(settings, application_name="one") as one, serving(acquirers(settings)) as url:
        assert one.house_clock is not None
        nobody, cards = ServerDriver("http://127.0.0.1:9"), ServerDriver(f"{url}/stripe")
        sandbox = HouseSandbox(one.house_clock, None, None, {Rail.MPESA: nobody, Rail.CARD: cards})

        with pytest.raises(GatewayFault):
            await sandbox.advance_clock(HOUR)
        shown = await stand_ins_time(f"{url}/stripe")

        assert timedelta(0) <= one.clock.now() - shown < timedelta(seconds=5)


async def test_what_stands_in_for_providers_serves_where_no_house_answers(tmp_path: Path) -> None:
    nobody = Settings(database_url="postgresql+asyncpg://nobody@127.0.0.1:9/nothing", data_dir=tmp_path)

    async with serving(daraja(nobody)) as url:
        shown = await stand_ins_time(url)

    assert abs(shown - datetime.now(UTC)) < timedelta(seconds=5)


async def test_an_advance_whose_process_died_before_it_began_is_carried_out_and_the_next_one_follows_it(
    settings: Settings,
) -> None:
    async with wired(settings, application_name="one") as one:
        begins_at = datetime.now(UTC) + timedelta(seconds=0.5)
        async with one.database.read() as connection:
            await write_advance(connection, ClockAdvance(ahead=HOUR, before=timedelta(0), begins_at=begins_at))
        assert one.house_clock is not None

        await one.house_clock.advance(HOUR)

        assert one.house_clock.ahead == 2 * HOUR
        async with one.database.read() as connection:
            known = await read_advance(connection)
        assert known is not None
        assert (known.before, known.ahead) == (HOUR, 2 * HOUR)
        assert known.begins_at > begins_at


def test_a_clock_follows_no_older_advance() -> None:
    clock, past = AdvancedClock(), datetime(2026, 1, 1, tzinfo=UTC)
    clock.follow(ClockAdvance(ahead=2 * HOUR, before=HOUR, begins_at=past))

    clock.follow(ClockAdvance(ahead=HOUR, before=timedelta(0), begins_at=past))

    assert clock.ahead == 2 * HOUR
