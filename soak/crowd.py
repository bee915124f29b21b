"""2 000 sockets that come and go for minutes: afterwards the process is as it was before they came."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Final

from bench.figures import Figure
from soak.connection import Connection, Frame, Lost
from soak.emitter import Emitter, emitting
from soak.follower import FOLLOW
from soak.leftovers import Leftovers, figures_of
from tests.flows.documents import USER_EVENTS
from tests.flows.market import Market

SECONDS: Final = min(600.0, float(os.environ.get("SOAK_SECONDS", "600")))  # tokens live for 900
SOCKETS: Final = 2_000
ARRIVAL_SECONDS: Final = min(80.0, SECONDS * 0.3)
LIFE_SECONDS: Final = 90.0
DRAIN_SECONDS: Final = 75.0
DEAF_SECONDS: Final = 90.0  # longer, so that it is the server that ends it
WARM_UP: Final = 200
WARM_UP_SECONDS: Final = 3.0
EVENTS_PER_SECOND: Final = 10
CITIES: Final = tuple(f"Mji {number}" for number in range(20))
SIGNED_IN_SHARE: Final = 0.3
ASK: Final = "{ categories { id } }"
WAYS_TO_PART: Final = {"closed": 65, "cut": 25, "went deaf": 10}


@dataclass
class Crowd:
    """Who comes, and what became of those who went."""

    url: str
    random: Random
    tokens: list[str]
    parted: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    heard: int = 0
    deaf: set[asyncio.Task[None]] = field(default_factory=set)

    async def stand(self, number: int, until: float) -> None:
        """One place in the crowd: somebody comes, stays for a while and goes, and the next one comes."""
        await asyncio.sleep(number * ARRIVAL_SECONDS / SOCKETS)
        while (left := until - time.monotonic()) > 0:
            try:
                await self._visit(min(left, self.random.expovariate(1 / LIFE_SECONDS)))
            except Lost as lost:
                self.faults[f"lost: {lost}"] += 1
                await asyncio.sleep(1)

    async def _visit(self, seconds: float) -> None:
        token = self.random.choice(self.tokens) if self.random.random() < SIGNED_IN_SHARE else None
        connection = await Connection.open(self.url, token=token)
        reading = asyncio.create_task(self._listen(connection, is_signed_in=token is not None))
        done, _ = await asyncio.wait([reading], timeout=seconds)
        way = self.random.choices(list(WAYS_TO_PART), list(WAYS_TO_PART.values()))[0]
        if way == "went deaf" and not done:
            connection.go_deaf()
            self._forget_later(connection)
        elif way == "cut":
            connection.cut()
        else:
            await connection.close()
        self.parted[way] += 1
        reading.cancel()
        [end] = await asyncio.gather(reading, return_exceptions=True)
        if done:
            self.faults[f"ended early: {end!r}"] += 1

    async def _listen(self, connection: Connection, *, is_signed_in: bool) -> None:
        feed = await connection.subscribe(FOLLOW, city=self.random.choice(CITIES))
        if is_signed_in:
            await connection.subscribe(USER_EVENTS)
        if self.random.random() < 0.5:  # noqa: PLR2004  # every other one also asks
            await connection.subscribe(ASK)
        last: int | None = None
        async for frame in connection.frames():
            if frame.kind == "error" or (frame.kind == "next" and "errors" in frame.payload):
                self.faults[f"refused: {frame.payload}"] += 1
            elif frame.subscription == feed:
                last = self._followed(frame, last)

    def _followed(self, frame: Frame, last: int | None) -> int | None:
        if frame.kind != "next" or "title" not in frame.item:
            return last
        self.heard += 1
        number = int(frame.item["title"].split()[0])
        if last is not None and number != last + 1:
            self.faults["an event lost, doubled or out of order"] += 1
        return number

    def _forget_later(self, connection: Connection) -> None:
        async def forget() -> None:
            await asyncio.sleep(DEAF_SECONDS)
            connection.cut()

        task = asyncio.create_task(forget())
        self.deaf.add(task)
        task.add_done_callback(self.deaf.discard)


async def figures(market: Market) -> list[Figure]:
    """Let them come, let them all go, and see what is left."""
    seed = int.from_bytes(os.urandom(4))
    [(name, url)] = market.urls.items()
    crowd = Crowd(url, Random(seed), [person["accessToken"] for person in market.people.values()])
    leftovers = Leftovers(url, market.processes[name].pid)
    async with emitting(market.database_url, market.valkey.url) as emitter, _steadily(emitter, crowd.random):
        await _warm_up(url)
        await leftovers.begin()
        until = time.monotonic() + SECONDS
        async with asyncio.TaskGroup() as tasks:
            watching = tasks.create_task(leftovers.watch())
            async with asyncio.TaskGroup() as places:
                for number in range(SOCKETS):
                    places.create_task(crowd.stand(number, until))
            watching.cancel()
        await leftovers.end(within_seconds=DRAIN_SECONDS)
        for task in tuple(crowd.deaf):
            task.cancel()
    return [
        Figure(
            f"{SOCKETS} sockets coming and going for {SECONDS:.0f} s",
            f"{crowd.parted.total()} came, {crowd.heard} events heard",
        ),
        Figure("  how they went", ", ".join(f"{count} {way}" for way, count in crowd.parted.items())),
        *(Figure(f"  {fault}", f"{count} ×", "none", False) for fault, count in crowd.faults.most_common(8)),
        *figures_of(leftovers),
        Figure("  seed", str(seed)),
    ]


async def _warm_up(url: str) -> None:
    """Fill every pool and everything that is remembered."""
    connections = [await Connection.open(url) for _ in range(WARM_UP)]
    for number, connection in enumerate(connections):
        await connection.subscribe(FOLLOW, city=CITIES[number % len(CITIES)])
        await connection.subscribe(ASK)
    await asyncio.sleep(WARM_UP_SECONDS)
    await asyncio.gather(*(connection.close() for connection in connections))
    await asyncio.sleep(WARM_UP_SECONDS)


@asynccontextmanager
async def _steadily(emitter: Emitter, random: Random) -> AsyncIterator[None]:
    async def emit() -> None:
        while True:
            await emitter.emit(random.choice(CITIES), 1)
            await asyncio.sleep(1 / EVENTS_PER_SECOND)

    emitting_now = asyncio.create_task(emit())
    try:
        yield
    finally:
        emitting_now.cancel()
        await asyncio.gather(emitting_now, return_exceptions=True)
