"""Listeners who see the same: an event is rendered once, and the same bytes go to all of them."""

from __future__ import annotations

import asyncio
import logging
import math
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar
from uuid import UUID

from db.streams import Position
from domain.streams import GapCause
from realtime.envelope import Envelope
from realtime.items import Heartbeat
from realtime.log import StreamLog, follows, is_after
from realtime.metrics import RealtimeMetrics, topic
from realtime.publication import PublishingTable
from realtime.sink import Render

if TYPE_CHECKING:
    from realtime.follower import Follower

# What arrives while an event is rendered or the log is read; beyond it the log is read once more.
WAITING_MAX: Final = 1_000
# Groups by the thousand look at the same instants, or each would wake the process for itself.
BEAT_ROUND_SECONDS: Final = 0.25

R = TypeVar("R")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What all groups of a process share."""

    log: StreamLog
    table: PublishingTable
    metrics: RealtimeMetrics
    cursor: Callable[[Position], str]
    capacity: int
    heartbeat_seconds: float


@dataclass(frozen=True, slots=True)
class Told(Generic[R]):
    """An event as the group's clients get it; without `rendered` it is none of theirs."""

    position: Position
    event_id: UUID
    rendered: R | None
    cursor: str


class Group(Generic[R]):
    """One stream, rendered in one way. `last` is the position up to which everything was handed on."""

    def __init__(
        self,
        surroundings: Surroundings,
        stream: str,
        render: Render[Any, R],
        is_wanted: Callable[[Envelope], bool],
    ) -> None:
        self.surroundings, self.stream = surroundings, stream
        self.render, self._is_wanted = render, is_wanted
        self.followers: dict[Follower[R], None] = {}
        self.last: Position | None = None
        self._waiting: deque[Envelope | None] = deque()
        self._work: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._told_at = self._loop.time()
        self._topic, self._delivered = topic(stream), surroundings.metrics.delivered
        self._delivered[self._topic] += 0  # a figure that is shown before the first item is there
        self._beating: asyncio.TimerHandle | None = None

    def offer(self, envelope: Envelope | None) -> None:
        """An event of the stream, or None where only the log can tell what happened; never waits."""
        if self._work is not None or self.last is None:
            self._queue(envelope)
        elif (work := self._take(envelope)) is not None:
            self._work = asyncio.create_task(self._go_on(work), name=f"rendering {self._topic}")

    def begin(self, position: Position) -> None:
        """The first follower has been told everything up to here: go on with what came meanwhile."""
        if self.last is None:
            self.last = position
            self._beat_later(self.surroundings.heartbeat_seconds)
            while self._waiting and self._work is None:
                self.offer(self._waiting.popleft())

    def close(self) -> None:
        """Nobody listens any more."""
        if self._work is not None:
            self._work.cancel()
        if self._beating is not None:
            self._beating.cancel()

    def is_told(self, envelope: Envelope) -> bool:
        """Whether this group's clients are told of the event."""
        return self._is_wanted(envelope)

    def _queue(self, envelope: Envelope | None) -> None:
        if len(self._waiting) >= WAITING_MAX:
            self._waiting.clear()
            envelope = None
        self._waiting.append(envelope)

    def _take(self, envelope: Envelope | None) -> Awaitable[None] | None:
        """Hand an event on at once; what has to be waited for is answered."""
        assert self.last is not None, "a group begins before it takes"
        if envelope is not None and not is_after(envelope.position, self.last):
            return None
        if envelope is None or not follows(envelope.position, self.last):
            return self._heal()
        try:
            rendered = self.render(envelope) if self._is_wanted(envelope) else None
        except Exception:
            self.last = envelope.position  # whoever joins from here on is not ended by it as well
            self._break()
            return None
        if isinstance(rendered, Awaitable):
            return self._when_rendered(envelope, rendered)
        self._hand_on(envelope.position, envelope.event_id, rendered)
        return None

    async def _go_on(self, work: Awaitable[None] | None) -> None:
        """Do what has to be waited for, in order, then what came meanwhile."""
        try:
            while work is not None:
                await work
                work = None
                while work is None and self._waiting:
                    work = self._take(self._waiting.popleft())
        except Exception:
            self._break()
        finally:
            self._work = None

    async def _when_rendered(self, envelope: Envelope, rendering: Awaitable[R]) -> None:
        self._hand_on(envelope.position, envelope.event_id, await rendering)

    def _hand_on(self, position: Position, event_id: UUID, rendered: R | None) -> None:
        self.last = position
        told = Told(position, event_id, rendered, self.surroundings.cursor(position))
        for follower in tuple(self.followers):
            follower.hear(told)
        if rendered is not None:
            self._told_at = self._loop.time()
            self._delivered[self._topic] += len(self.followers)

    async def _heal(self) -> None:
        """Tell what the log holds after the last position: something passed by."""
        self.surroundings.metrics.catch_ups.labels(self._topic).inc()
        while True:
            assert self.last is not None, "a group heals after it began"
            # What waits was numbered before it was published, so the log holds it.
            self._waiting.clear()
            page = await self.surroundings.log.after(self.last)
            if page.hole is not None:
                self._begin_anew(page.head, page.hole)
                return
            for entry in page.entries:
                envelope = self.surroundings.table.route(entry.event).at(entry.position)
                rendered = self.render(envelope) if envelope is not None and self._is_wanted(envelope) else None
                whole = await rendered if isinstance(rendered, Awaitable) else rendered
                self._hand_on(entry.position, entry.event.event_id, whole)
            if page.is_last:
                return

    def _begin_anew(self, head: Position, cause: GapCause) -> None:
        self.last = head
        for follower in tuple(self.followers):
            follower.begin_anew(cause)

    def _break(self) -> None:
        """An event that cannot be rendered is a fault of ours: better no stream than one with a silent hole."""
        _log.exception("a stream could not go on: %s", self._topic)
        for follower in tuple(self.followers):
            follower.end()

    def _beat_later(self, seconds: float) -> None:
        at = self._loop.time() + max(seconds, 0.001)
        self._beating = self._loop.call_at(math.ceil(at / BEAT_ROUND_SECONDS) * BEAT_ROUND_SECONDS, self._beat)

    def _beat(self) -> None:
        """After a silence: everything up to here was told."""
        left = self._told_at + self.surroundings.heartbeat_seconds - self._loop.time()
        if left > 0:
            self._beat_later(left)
            return
        self._beat_later(self.surroundings.heartbeat_seconds)
        if self.last is not None and self._work is None:
            rendered = self.render(Heartbeat(self.last))
            if not isinstance(rendered, Awaitable):  # it leads to nothing that would have to be loaded
                cursor = self.surroundings.cursor(self.last)
                for follower in tuple(self.followers):
                    follower.beat(self.last, rendered, cursor)
