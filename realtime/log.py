"""Streams read back from the outbox: what happened after a position, and the state that a stream begins from."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, TypeVar
from uuid import UUID

from db import outbox, streams
from db.engine import Connection, Database
from db.streams import UNBORN, LogEntry, Position
from domain.errors import DomainError
from domain.streams import GapCause

PAGE: Final = 200
READS_AT_ONCE: Final = 4
# More than this wait only after a long outage; then some may be told again, as older than the snapshot.
UNNUMBERED_MAX: Final = 1_000
PAUSES_SECONDS: Final = (0.1, 0.3, 1.0, 2.0, 4.0)

S = TypeVar("S")
T = TypeVar("T")
ReadSnapshot = Callable[[Connection], Awaitable[S]]

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """Entries of a stream in order; `hole` says why they do not continue where they were asked for."""

    head: Position
    entries: list[LogEntry]
    hole: GapCause | None

    @property
    def is_last(self) -> bool:
        """Whether there was nothing more."""
        return len(self.entries) < PAGE


@dataclass(frozen=True, slots=True)
class Beginning(Generic[S]):
    """The state at a position. It holds what is committed, also `unnumbered` events that get their position later."""

    head: Position
    state: S | None
    unnumbered: frozenset[UUID]


class StreamLog:
    """Reads for all streams of a process.

    After an outage everybody reads at once; they must leave connections to the others.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._reading = asyncio.Semaphore(READS_AT_ONCE)

    async def after(self, position: Position) -> Page:
        """At most `PAGE` entries behind a position."""

        async def read() -> Page:
            async with self._reading, self._database.read() as connection:
                head = await streams.head(connection, position.stream)
                entries = await streams.read_after(connection, position, limit=PAGE)
            return Page(head, entries, _hole(position, head, entries))

        return await patiently(read)

    async def beginning(self, stream: str, snapshot: ReadSnapshot[S] | None) -> Beginning[S]:
        """The newest position and the state there, of one instant."""

        async def read() -> Beginning[S]:
            async with self._reading, self._database.snapshot() as connection:
                head = await streams.head(connection, stream)
                unnumbered = await outbox.unnumbered(connection, limit=UNNUMBERED_MAX)
                state = await snapshot(connection) if snapshot else None
            return Beginning(head, state, unnumbered)

        return await patiently(read)


async def patiently(read: Callable[[], Awaitable[T]]) -> T:
    """Read again for a while when the database is away: listeners outlive its restart.

    Raises:
        DomainError: what was to be read is not there for this reader.
        Exception: it still failed after the last pause.
    """
    for pause_seconds in PAUSES_SECONDS:
        try:
            return await read()
        except DomainError:
            raise
        except Exception:  # whatever a database that restarts may answer
            _log.warning("a stream is read again in %s s", pause_seconds, exc_info=True)
            await asyncio.sleep(pause_seconds)
    return await read()


def is_after(position: Position, last: Position) -> bool:
    """Whether the event at `position` was not told yet to somebody who was told everything up to `last`."""
    return position.offset > last.offset or position.epoch != last.epoch


def follows(position: Position, last: Position) -> bool:
    """Whether nothing lies between the two: positions have no holes."""
    return last.epoch in (position.epoch, UNBORN) and position.offset == last.offset + 1


def is_behind(last: Position, group_last: Position) -> bool:
    """Whether somebody at `last` lacks what others of the same stream were told.

    Another epoch is no answer: it is found out, and told as a gap, when its next event comes.
    """
    return last.epoch in (group_last.epoch, UNBORN) and group_last.offset > last.offset


def _hole(last: Position, head: Position, entries: list[LogEntry]) -> GapCause | None:
    if last.epoch not in (head.epoch, UNBORN) or head.offset < last.offset:
        return GapCause.EPOCH_CHANGED
    following = entries[0].position.offset if entries else head.offset + 1
    return None if following == last.offset + 1 else GapCause.HISTORY_TRIMMED
