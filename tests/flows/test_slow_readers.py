"""Whoever reads slowly, or may listen no longer, is dealt with alone: neighbours on the same feed never wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from random import Random
from typing import Final

import aiohttp
import pytest

from soak.connection import Connection, Frame, Lost, slowly
from soak.emitter import Emitter, emitting
from soak.follower import FOLLOW, OVERFLOW, Follower, following
from soak.metrics import Shown, until_shown
from tests.flows.client import Caller
from tests.flows.documents import USER_BLOCK, USER_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in

PATIENCE_SECONDS: Final = 15.0
AT_ONCE_SECONDS: Final = 3.0
BURST: Final = 100
BURSTS: Final = 20
LONG_TITLE: Final = "table " * 700  # so that all bursts are more than the kernel keeps for a reader, which is 4 MB


@pytest.fixture
async def emitter(market: Market) -> AsyncIterator[Emitter]:
    async with emitting(market.database_url, market.valkey.url) as made:
        yield made


def neighbours_at(url: str, city: str) -> list[Follower]:
    return [Follower([url], city, Random(number)) for number in range(3)]


async def all_hear(followers: Sequence[Follower], number: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(each.until_heard(number) for each in followers))


def undisturbed(followers: Sequence[Follower], last: int) -> bool:
    """Each heard everything, once and in order, on its first connection and without a gap."""
    return all(
        each.numbers == list(range(1, last + 1)) and not each.gaps and not each.faults and each.connections == 1
        for each in followers
    )


async def test_a_reader_that_stops_is_told_of_its_overflow_and_resumes_while_neighbours_never_wait(
    market: Market, emitter: Emitter
) -> None:
    url, city = market.urls["b"], "Polepole"
    neighbours, slow = neighbours_at(url, city), Follower([url], city, Random(9), opens=slowly)
    before = await Shown.at(url)

    async with following([*neighbours, slow]):
        slow.stop_reading()
        for _ in range(BURSTS):
            missed = await emitter.emit(city, BURST, title=LONG_TITLE)
            await all_hear(neighbours, missed)
        heard_when_full = len(slow.numbers)
        slow.read_on()
        await all_hear([slow], missed)
        last = await emitter.emit(city, BURST)
        await all_hear([*neighbours, slow], last)
        after = await Shown.at(url)

    def more(name: str, **labels: str) -> float:
        return after.value(name, topic="feed", **labels) - before.value(name, topic="feed", **labels)

    assert heard_when_full < missed
    assert slow.numbers == list(range(1, last + 1))
    assert set(slow.gaps) <= {OVERFLOW}
    assert slow.faults == []
    assert undisturbed(neighbours, last)
    assert more("sokoni_gaps_total", cause=OVERFLOW) == 1
    assert more("sokoni_dropped_total") == 1
    assert more("sokoni_listeners") == len(neighbours) + 1


async def test_a_person_blocked_in_a_burst_hears_why_and_nothing_more_while_neighbours_hear_everything(
    market: Market, http: aiohttp.ClientSession, admin: Caller, emitter: Emitter
) -> None:
    url, city = market.urls["b"], "Haraka"
    person = await come_in(market, http, api="b")
    neighbours, heard = neighbours_at(url, city), list[Frame]()
    before = await Shown.at(url)

    async with following(neighbours):
        connection = await Connection.open(url, token=person.token)
        reading = asyncio.create_task(read_into(heard, connection))
        own = await connection.subscribe(USER_EVENTS)
        feed = await connection.subscribe(FOLLOW, city=city)
        burst = asyncio.create_task(emitter.emit_steadily(city, per_second=BURST, seconds=4))
        while len(heard) < BURST // 2:  # noqa: ASYNC110  # the burst is on its way
            await asyncio.sleep(0.01)
        await admin.do(USER_BLOCK, input={"userId": person.user_id, "reason": "In the middle of it."})
        with pytest.raises(Lost) as closed:
            await asyncio.wait_for(reading, AT_ONCE_SECONDS)
        emitted_when_closed = emitter.counts[city]
        last = await burst
        await all_hear(neighbours, last)
        shown = await until_shown(
            url,
            lambda now: now.value("sokoni_listeners") == before.value("sokoni_listeners") + len(neighbours),
            seconds=AT_ONCE_SECONDS,
        )

    told = [frame.item["__typename"] for frame in heard if frame.subscription == own]
    numbers = [int(f.item["title"].split()[0]) for f in heard if f.subscription == feed and "title" in f.item]
    assert closed.value.code == 4403
    assert told[:2] == ["UserSnapshot", "UserBlocked"]
    assert set(told[2:]) <= {"SessionEnded"}
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert numbers[-1] <= emitted_when_closed < last
    assert undisturbed(neighbours, last)
    assert shown.value("sokoni_listeners", topic="user") == before.value("sokoni_listeners", topic="user")


async def read_into(heard: list[Frame], connection: Connection) -> None:
    async for frame in connection.frames():
        heard.append(frame)
