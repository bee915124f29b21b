"""The clock of a sandbox, which every process of the house has in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Final, Self

import structlog
from aiohttp import web

from app.config import Settings
from app.servers import database_url
from db.advisory_lock import leadership
from db.engine import Database, open_database
from db.sandbox_clock import find_advance, read_advance, write_advance
from domain.clock import AdvancedClock, ClockAdvance
from domain.errors import ConcurrentChange
from integrations.sandbox.driven import Driven
from realtime.broadcast import Broadcast, BroadcastDown, Subscription

CHANNEL: Final = "sandbox clock"
MOVED: Final = b"moved"
# Until an advance begins every process has heard of it, so that all begin to show it at the same instant.
LEAD: Final = timedelta(seconds=0.3)
RETRY_SECONDS: Final = 1.0

log = structlog.get_logger("sokoni.sandbox")


class HouseClock:
    """Reads the advance at the start and whenever one is told; a message that was missed is made up for by the gap
    notice that follows. The row outlives the processes, as the data do whose times it explains.
    """

    def __init__(self, clock: AdvancedClock, database: Database, broadcast: Broadcast) -> None:
        self._clock, self._database, self._broadcast = clock, database, broadcast
        self._told = asyncio.Event()
        self._listeners: list[Callable[[], None]] = []
        self._following: asyncio.Task[None] | None = None
        self._subscription: Subscription | None = None

    async def __aenter__(self) -> Self:
        self._subscription = await self._broadcast.subscribe(CHANNEL, lambda _: self._told.set())
        await self._subscription.confirmed()
        await self._read()
        self._following = asyncio.create_task(self._follow(), name="sandbox clock")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._following is not None, "left without having been entered"
        assert self._subscription is not None, "left without having been entered"
        self._following.cancel()
        await asyncio.gather(self._following, return_exceptions=True)
        await self._subscription.close()

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the machine's."""
        return self._clock.ahead

    def when_moved(self, listener: Callable[[], None]) -> None:
        """Call `listener` each time the clock has moved."""
        self._listeners.append(listener)

    async def advance(self, step: timedelta) -> None:
        """Move it on for everybody; when this returns, all of them show it.

        Raises:
            ConcurrentChange: somebody else moves it at this moment.
        """
        async with leadership(self._database, "sandbox clock") as connection:
            if connection is None:
                raise ConcurrentChange
            known = await read_advance(connection)
            if known is not None:
                await _until(known.begins_at)  # whoever led before may have died while it was about to begin
            before = known.ahead if known else timedelta(0)
            begins_at = datetime.now(UTC) + LEAD
            await write_advance(connection, ClockAdvance(ahead=before + step, before=before, begins_at=begins_at))
            self._told.set()
            try:
                await self._broadcast.publish([(CHANNEL, MOVED)])
            except BroadcastDown:
                log.warning("clock_not_told")  # the others read it when they are connected again
            await _until(begins_at)
            await self._read()

    async def _follow(self) -> None:
        while True:
            await self._told.wait()
            self._told.clear()
            try:
                advance = await self._read()
            except Exception:  # a loop outlives every fault of the database
                log.exception("clock_not_read")
                await asyncio.sleep(RETRY_SECONDS)
                self._told.set()
                continue
            if advance is not None:
                await _until(advance.begins_at)
                for listener in self._listeners:
                    listener()

    async def _read(self) -> ClockAdvance | None:
        async with self._database.read() as connection:
            advance = await read_advance(connection)
        if advance is not None:
            self._clock.follow(advance)
        return advance


def beginning_at_house_time(
    settings: Settings, servers: Iterable[Driven]
) -> Callable[[web.Application], Awaitable[None]]:
    """What has servers that stand in for providers begin as far ahead of their machine as the house that the settings
    name, which keeps its time over restarts: what they sign later would be out of date otherwise.
    """

    async def begin(_: web.Application) -> None:
        ahead = await _ahead_of_machine(settings)
        for server in servers:
            server.be_ahead(ahead)

    return begin


async def _ahead_of_machine(settings: Settings) -> timedelta:
    """Of the house; nothing where there is none, or none that answers."""
    if settings.database_url is None or not settings.has_sandbox:
        return timedelta(0)
    database = open_database(database_url(settings), pool_size=1, application_name="sokoni sandbox")
    try:
        advance = await find_advance(database)
    finally:
        await database.close()
    return advance.ahead if advance else timedelta(0)


async def _until(machine: datetime) -> None:
    while (left := (machine - datetime.now(UTC)).total_seconds()) > 0:  # noqa: ASYNC110  # time is no event
        await asyncio.sleep(left)  # which may return a moment too early
