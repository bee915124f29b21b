"""Peers that are no more, in three ways: each is dropped in time, and neighbours on the same feed hear everything."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random
from typing import Final

from bench.figures import Figure
from soak.connection import Connection, slowly
from soak.emitter import Emitter, emitting
from soak.follower import FOLLOW, Follower, differences, following
from soak.metrics import Shown, until_shown
from tests.flows.documents import USER_EVENTS
from tests.flows.market import Market

DROP_SECONDS_MAX: Final = 35.0
PATIENCE_SECONDS: Final = 90.0
NEIGHBOURS: Final = 5
BURST: Final = 100
BURSTS_PER_SECOND: Final = 2
# Both are more than the kernel keeps for a reader, 4 MB; only the first is more items than a queue takes.
MANY: Final = (25, "table " * 700)
FEW: Final = (1, "table " * 10_000)


async def figures(market: Market) -> list[Figure]:
    """Stopped readers at one process, dead peers at another."""
    a, b = market.urls["a"], market.urls["b"]
    token = market.people["customer"]["accessToken"]
    async with emitting(market.database_url, market.valkey.url) as emitter:
        rows = await asyncio.gather(_unread(a, emitter), _dead_and_busy(b, emitter), _dead_and_silent(b, token))
    return [row for part in rows for row in part]


async def _unread(url: str, emitter: Emitter) -> list[Figure]:
    full = await _stopped("a reader that stopped, its queue full, is dropped after", url, emitter, "Kimya", *MANY)
    half = await _stopped("a reader that stopped, its queue half full, is dropped after", url, emitter, "Nusu", *FEW)
    return [*full, *half]


async def _stopped(what: str, url: str, emitter: Emitter, city: str, bursts: int, title: str) -> list[Figure]:
    """A reader that leaves what comes where it is."""
    async with _neighbours(url, city) as neighbours:
        before = await Shown.at(url)
        slow = Follower([url], city, Random(0), opens=slowly)
        async with following([slow]):
            slow.stop_reading()
            for _ in range(bursts):
                last = await emitter.emit(city, BURST, title=title)
                await asyncio.gather(*(each.until_heard(last) for each in neighbours))
            dropped = await _until_gone(url, "feed", before)
        return [_dropped(what, dropped), _undisturbed(neighbours, last)]


async def _dead_and_busy(url: str, emitter: Emitter) -> list[Figure]:
    """A peer whose power failed while events come."""
    city = "Giza"
    async with _neighbours(url, city) as neighbours:
        before = await Shown.at(url)
        dead = await Connection.open(url)
        await dead.subscribe(FOLLOW, city=city)
        await until_shown(url, lambda now: _listeners(now, "feed") > _listeners(before, "feed"), seconds=10)
        dead.go_deaf()
        waiting = asyncio.create_task(_until_gone(url, "feed", before))
        while not waiting.done():
            last = await emitter.emit(city, BURST // 10)
            await asyncio.sleep(1 / BURSTS_PER_SECOND)
        await asyncio.gather(*(each.until_heard(last) for each in neighbours))
        dead.cut()
        return [_dropped("a dead peer on a busy feed is dropped after", await waiting), _undisturbed(neighbours, last)]


async def _dead_and_silent(url: str, token: str) -> list[Figure]:
    """A peer whose power failed while nothing happens."""
    before = await Shown.at(url)
    dead = await Connection.open(url, token=token)
    await dead.subscribe(USER_EVENTS)
    await until_shown(url, lambda now: _listeners(now, "user") > _listeners(before, "user"), seconds=10)
    await asyncio.sleep(1)  # what was sent until now is acknowledged
    dead.go_deaf()
    dropped = await _until_gone(url, "user", before)
    dead.cut()
    return [_dropped("a dead peer on a silent stream is dropped after", dropped)]


@asynccontextmanager
async def _neighbours(url: str, city: str) -> AsyncIterator[list[Follower]]:
    neighbours = [Follower([url], city, Random(number)) for number in range(NEIGHBOURS)]
    async with following(neighbours):
        yield neighbours


async def _until_gone(url: str, topic: str, before: Shown) -> float | None:
    """The seconds until nobody more than before listens, or None."""
    begin = time.monotonic()
    try:
        await until_shown(
            url, lambda now: _listeners(now, topic) <= _listeners(before, topic), seconds=PATIENCE_SECONDS
        )
    except TimeoutError:
        return None
    return time.monotonic() - begin


def _listeners(shown: Shown, topic: str) -> float:
    return shown.value("sokoni_listeners", topic=topic)


def _dropped(what: str, seconds: float | None) -> Figure:
    reached = "never" if seconds is None else f"{seconds:.0f} s"
    return Figure(what, reached, f"< {DROP_SECONDS_MAX:.0f} s", seconds is not None and seconds < DROP_SECONDS_MAX)


def _undisturbed(neighbours: list[Follower], count: int) -> Figure:
    differing = [differences(each.numbers, count=count) for each in neighbours]
    disturbed = [each for each in neighbours if each.gaps or each.faults or each.connections != 1]
    told = f"{sum(sum(each.values()) for each in differing)} lost or doubled, {len(disturbed)} disturbed"
    is_well = not disturbed and not any(any(each.values()) for each in differing)
    return Figure(f"  its {len(neighbours)} neighbours, {count} events each", told, "none", is_well)
