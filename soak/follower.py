"""A client that follows a city's feed to its end, coming back with its cursor whenever it is thrown off."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any, Final, Protocol

from soak.connection import Connection, Frame, Lost

OVERFLOW: Final = "OVERFLOW"
BEGIN_SECONDS: Final = 30.0
FOLLOW: Final = """
subscription($city: String!, $after: StreamCursor) { listingEvents(filter: {city: $city}, after: $after) {
  __typename
  ... on ListingFeedSnapshot { cursor }
  ... on ListingUpdated { title cursor }
  ... on StreamHeartbeat { cursor }
  ... on StreamGap { reason resumeFrom } } }
"""


class Line(Protocol):
    """A way to follow: a socket or an event stream."""

    async def subscribe(self, document: str, *, after: str | None = None, **variables: Any) -> str:
        """Ask for a stream, behind a cursor. Raises Lost."""
        ...

    def frames(self) -> AsyncIterator[Frame]:
        """What comes. Raises Lost."""
        ...

    def cut(self) -> None:
        """Lose the network."""
        ...

    async def close(self) -> None:
        """Leave."""
        ...


class Follower:
    """Keeps the numbers it heard, and what was not as it should be. `urls` are tried in turn; `opens` connects."""

    def __init__(
        self, urls: Sequence[str], city: str, random: Random, *, opens: Callable[[str], Awaitable[Line]] | None = None
    ) -> None:
        self.numbers: list[int] = []
        self.gaps: Counter[str] = Counter()
        self.losses: Counter[str] = Counter()
        self.faults: list[str] = []
        self.connections = 0
        self.cursor: str | None = None
        self._urls, self._city, self._random = urls, city, random
        self._opens = opens or Connection.open
        self._reads = asyncio.Event()
        self._reads.set()
        self._turn = random.randrange(len(urls))
        self._line: Line | None = None
        self._something = asyncio.Condition()

    async def run(self) -> None:
        """Follow until cancelled, over as many connections as it takes."""
        while True:
            try:
                await self._follow(self._urls[self._turn % len(self._urls)])
            except Lost as lost:
                self.losses[f"{lost.code or ''} {lost}".strip()] += 1
            self._turn += 1
            await asyncio.sleep(self._random.uniform(0.02, 0.2))

    def cut(self) -> None:
        """Lose the network now."""
        if self._line is not None:
            self._line.cut()

    def stop_reading(self) -> None:
        """Leave what comes where it is."""
        self._reads.clear()

    def read_on(self) -> None:
        """Take what has come meanwhile, and what comes."""
        self._reads.set()

    async def until_begun(self) -> None:
        """Return when it knows where to resume, so that nothing from now on can pass by."""
        async with self._something:
            await self._something.wait_for(lambda: self.cursor is not None)

    async def until_heard(self, number: int) -> None:
        """Return when this number was heard."""
        async with self._something:
            await self._something.wait_for(lambda: bool(self.numbers) and self.numbers[-1] >= number)

    async def _follow(self, url: str) -> None:
        self._line = line = await self._opens(url)
        self.connections += 1
        try:
            await line.subscribe(FOLLOW, city=self._city, after=self.cursor)
            async for frame in line.frames():
                await self._reads.wait()
                if frame.kind == "complete":
                    await line.subscribe(FOLLOW, city=self._city, after=self.cursor)
                else:
                    await self._take(frame)
        finally:
            self._line = None
            await line.close()

    async def _take(self, frame: Frame) -> None:
        if frame.kind == "error" or "errors" in frame.payload:
            self.faults.append(f"refused: {frame.payload}")
            return
        async with self._something:
            self._note(frame.item, frame.cursor)
            self._something.notify_all()

    def _note(self, item: dict[str, Any], cursor: str | None) -> None:
        match item["__typename"]:
            case "ListingUpdated":
                self.numbers.append(int(item["title"].split()[0]))
            case "StreamGap":
                self.gaps[item["reason"]] += 1
            case "ListingFeedSnapshot" if self.cursor is not None and not self.gaps:
                self.faults.append("a snapshot although it resumed")
            case "ListingFeedSnapshot" | "StreamHeartbeat":
                pass
            case other:
                self.faults.append(f"an unknown item: {other}")
        self.cursor = cursor or item.get("cursor") or item["resumeFrom"]


@asynccontextmanager
async def following(followers: Sequence[Follower]) -> AsyncIterator[None]:
    """All of them follow, and know where to resume before the block begins. A client that fails has a fault more."""
    running = [asyncio.create_task(each.run()) for each in followers]
    try:
        async with asyncio.timeout(BEGIN_SECONDS):
            await asyncio.gather(*(each.until_begun() for each in followers))
        yield
    finally:
        for task in running:
            task.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        for follower, end in zip(followers, ended, strict=True):
            if not isinstance(end, asyncio.CancelledError):
                follower.faults.append(f"the client failed: {end!r}")


def differences(numbers: Sequence[int], *, count: int) -> dict[str, int]:
    """How what was heard differs from 1, 2, … `count`: how many are lost, doubled, and out of order."""
    known = set(numbers)
    return {
        "lost": len(set(range(1, count + 1)) - known),
        "doubled": len(numbers) - len(known),
        "out of order": sum(later < earlier for earlier, later in zip(numbers, numbers[1:], strict=False)),
    }
