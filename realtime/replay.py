"""A stream for one client: snapshot or replay first, then live, joined without a hole and without a double."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Final, Generic, TypeVar
from uuid import UUID

from db import outbox, streams
from db.engine import Connection, Database
from db.streams import UNBORN, LogEntry, Position
from domain.streams import GapCause
from realtime.envelope import Envelope
from realtime.hub import Hub
from realtime.items import Gap, Heartbeat, Item, Snapshot
from realtime.listener import Listener, Signal
from realtime.metrics import RealtimeMetrics, topic
from realtime.publication import PublishingTable

HEARTBEAT_SECONDS: Final = 15.0
LOG_PAGE: Final = 200
READS_AT_ONCE: Final = 4
# More than this wait only after a long outage; then some may be told again, as older than the snapshot.
UNNUMBERED_MAX: Final = 1_000

S = TypeVar("S")
ReadSnapshot = Callable[[Connection], Awaitable[S]]


class LiveStreams:
    """Streams as clients follow them, in one process."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        table: PublishingTable,
        metrics: RealtimeMetrics,
        *,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self.database, self.hub, self.table, self.metrics = database, hub, table, metrics
        self.heartbeat_seconds = heartbeat_seconds
        # After an outage every listener reads the log at once; they must leave connections to the others.
        self.reading = asyncio.Semaphore(READS_AT_ONCE)

    async def follow(
        self,
        stream: str,
        *,
        after: Position | None = None,
        snapshot: ReadSnapshot[S] | None = None,
        is_wanted: Callable[[Envelope], bool] = lambda _: True,
    ) -> AsyncGenerator[Item[S], None]:
        """Every wanted event after a position, each once and in order.

        With `after` the log is replayed from there. Without it, or where the log no longer reaches back that far, the
        snapshot comes first, read after listening began, and then what happens after it. Without a snapshot it begins
        with what happens from now on. Ends after an overflow's gap: the client was too slow and comes back with its
        cursor.
        """
        async with self.hub.listening(stream) as listener:
            follower = _Follower(self, listener, stream, snapshot, is_wanted)
            async for item in follower.items(after):
                self.metrics.delivered.labels(topic(stream)).inc()
                yield item


class _Follower(Generic[S]):
    """One client's place in a stream. `last` is the position up to which it has been told everything."""

    def __init__(
        self,
        live: LiveStreams,
        listener: Listener,
        stream: str,
        snapshot: ReadSnapshot[S] | None,
        is_wanted: Callable[[Envelope], bool],
    ) -> None:
        self._live, self._listener, self._stream = live, listener, stream
        self._snapshot, self._is_wanted = snapshot, is_wanted
        self._last = Position(stream, UNBORN, 0)
        self._seen: frozenset[UUID] = frozenset()

    async def items(self, after: Position | None) -> AsyncGenerator[Item[S], None]:
        begin = self._begin_anew(None) if after is None else self._catch_up(after)
        async for item in begin:
            yield item
        silent_since = time.monotonic()
        while True:
            silence_left = silent_since + self._live.heartbeat_seconds - time.monotonic()
            heard = await self._listener.next(timeout_seconds=silence_left) if silence_left > 0 else Signal.SILENCE
            if heard is Signal.OVERFLOW:
                yield self._gap(GapCause.OVERFLOW, self._last)
                return
            async for item in self._answer(heard):
                yield item
                silent_since = time.monotonic()

    async def _answer(self, heard: Envelope | Signal) -> AsyncGenerator[Item[S], None]:
        if heard is Signal.SILENCE:
            yield Heartbeat(self._last)
        elif isinstance(heard, Signal) or self._is_ahead(heard.position):
            self._live.metrics.catch_ups.labels(topic(self._stream)).inc()
            async for item in self._catch_up(self._last):
                yield item
        elif heard.position.offset > self._last.offset:
            self._last = heard.position
            if self._is_told(heard):
                yield heard

    def _is_ahead(self, position: Position) -> bool:
        """Whether something before it was not told: positions have no holes."""
        is_other_epoch = self._last.epoch not in (position.epoch, UNBORN)
        return is_other_epoch or position.offset > self._last.offset + 1

    async def _catch_up(self, after: Position) -> AsyncGenerator[Item[S], None]:
        """Tell what the log holds after a position, page by page, until there is nothing more."""
        self._last = after
        while True:
            head, entries = await self._read_log()
            if cause := self._hole(head, entries):
                async for item in self._begin_anew(cause):
                    yield item
                return
            for entry in entries:
                self._last = entry.position
                envelope = self._live.table.route(entry.event).at(entry.position)
                if envelope and self._is_told(envelope):
                    yield envelope
            if len(entries) < LOG_PAGE:
                return

    def _is_told(self, envelope: Envelope) -> bool:
        return envelope.event_id not in self._seen and self._is_wanted(envelope)

    def _hole(self, head: Position, entries: list[LogEntry]) -> GapCause | None:
        """Why the log does not continue where we are."""
        if self._last.epoch not in (head.epoch, UNBORN) or head.offset < self._last.offset:
            return GapCause.EPOCH_CHANGED
        following = entries[0].position.offset if entries else head.offset + 1
        return None if following == self._last.offset + 1 else GapCause.HISTORY_TRIMMED

    async def _begin_anew(self, cause: GapCause | None) -> AsyncGenerator[Item[S], None]:
        """Start from the state as it is now, having said why what came before is left out.

        The state holds what is committed, with or without a position; what gets its position later is not told again.
        """
        self._listener.forget()
        async with self._live.reading, self._live.database.snapshot() as connection:
            self._last = await streams.head(connection, self._stream)
            self._seen = await outbox.unnumbered(connection, limit=UNNUMBERED_MAX)
            state = await self._snapshot(connection) if self._snapshot else None
        head = self._last
        if cause is not None:
            yield self._gap(cause, head)
        if self._snapshot is not None:
            assert state is not None, "a snapshot has a state"
            yield Snapshot(state, head)

    async def _read_log(self) -> tuple[Position, list[LogEntry]]:
        """The head and the entries after the last position.

        The queue is emptied before: what was in it was numbered before it was published, so the log holds it.
        """
        self._listener.forget()
        async with self._live.reading, self._live.database.read() as connection:
            head = await streams.head(connection, self._stream)
            return head, await streams.read_after(connection, self._last, limit=LOG_PAGE)

    def _gap(self, cause: GapCause, resume_from: Position) -> Gap:
        self._live.metrics.gaps.labels(topic(self._stream), cause.value).inc()
        return Gap(cause, resume_from)
