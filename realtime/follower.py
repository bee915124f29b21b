"""One client's place in a stream: snapshot or replay first, then what its group hears, without hole or double."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from db.streams import UNBORN, Position
from domain.streams import GapCause
from realtime.channels import is_state
from realtime.group import Group, Told
from realtime.items import Gap, Item, Snapshot
from realtime.log import ReadSnapshot, follows, is_after, is_behind
from realtime.metrics import topic
from realtime.sink import Render, Sink

R = TypeVar("R")
_log = logging.getLogger(__name__)


class Follower(Generic[R]):
    """Reads the log for itself until it is where its group is, then costs nothing but its turn in the group.

    `last` is the position up to which the client was told everything. While `_heard` is a list the client is on its
    way: what the group hears meanwhile is kept in it.
    """

    __slots__ = ("_group", "_heard", "_leave", "_render", "_seen", "_sink", "_snapshot", "_task", "last")

    def __init__(
        self,
        group: Group[R],
        sink: Sink[R],
        *,
        render: Render[Any, R],
        snapshot: ReadSnapshot[Any] | None,
        leave: Callable[[], None],
    ) -> None:
        self._group, self._sink, self._render = group, sink, render
        self._snapshot, self._leave = snapshot, leave
        self.last = Position(group.stream, UNBORN, 0)
        self._seen: frozenset[UUID] = frozenset()
        self._heard: list[Told[R]] | None = []
        self._task: asyncio.Task[None] | None = None
        group.followers[self] = None

    @property
    def is_live(self) -> bool:
        """Whether the client goes along with its group."""
        return self._heard is None

    @property
    def _is_following(self) -> bool:
        """Not after its end: whoever was given up is told nothing more."""
        return self in self._group.followers

    def begin(self, after: Position | None) -> None:
        """Start behind a position, or from the present state."""
        self._start(partial(self._anew, None) if after is None else partial(self._replay, after))

    def begin_anew(self, cause: GapCause) -> None:
        """The log does not continue where the client is: say so, and start from the present state."""
        self._start(partial(self._anew, cause))

    def hear(self, told: Told[R]) -> None:
        """What the group hears; never waits."""
        if self._heard is not None:
            # One that takes long to arrive reads the log again for what did not fit.
            if len(self._heard) >= self._group.surroundings.capacity:
                self._heard.clear()
            self._heard.append(told)
        elif is_after(told.position, self.last):
            self._tell(told)

    def beat(self, head: Position, rendered: R, cursor: str) -> None:
        """Nothing happened for a while; told only where the client stands and takes what it gets."""
        if self._heard is None and self.last == head and not self._sink.waiting:
            self._sink.next(rendered, cursor)

    def end(self) -> None:
        """Nothing follows, for a reason of ours."""
        self._sink.end()
        self.close()

    def close(self) -> None:
        """The client is gone or was told everything it will be told."""
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        if self._is_following:
            del self._group.followers[self]
            self._leave()

    def _start(self, way: Callable[[], Awaitable[None]]) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        self._heard = []
        self._task = asyncio.create_task(self._arrive(way), name=f"following {topic(self._group.stream)}")

    async def _arrive(self, way: Callable[[], Awaitable[None]]) -> None:
        """Read until nothing lies between the client and its group, then go along with it."""
        try:
            await way()
            while self._is_following and not self._is_there():
                await self._read_log()
        except Exception:
            _log.exception("a stream could not be read: %s", topic(self._group.stream))
            self.end()
            return
        if self._is_following:
            self._heard = None
            self._task = None
            self._group.begin(self.last)

    def _is_there(self) -> bool:
        heard, self._heard = self._heard or [], []
        for told in heard:
            if not is_after(told.position, self.last):
                continue
            if not follows(told.position, self.last):
                return False
            self._tell(told)
        group_last = self._group.last
        return group_last is None or not is_behind(self.last, group_last)

    def _tell(self, told: Told[R]) -> None:
        if told.rendered is None or (self._seen and told.event_id in self._seen):
            self.last = told.position
        elif self._sink.waiting < self._group.surroundings.capacity:
            self.last = told.position
            self._sink.next(told.rendered, told.cursor)
        elif self._heard is None:
            self._overflowed()

    def _overflowed(self) -> None:
        """The client reads too slowly. What it was given stays; what it was not given is not lost."""
        metrics, name = self._group.surroundings.metrics, topic(self._group.stream)
        metrics.dropped.labels(name).inc()
        if is_state(self._group.stream) and self._snapshot is not None:
            self._start(self._newest)
        else:
            self._start(self._give_up)

    async def _newest(self) -> None:
        await self._sink.emptied()
        await self._anew(None)

    async def _give_up(self) -> None:
        await self._give(Gap(GapCause.OVERFLOW, self.last), self.last)
        self.end()

    async def _replay(self, after: Position) -> None:
        self.last = after
        await self._read_log()

    async def _read_log(self) -> None:
        """Tell what the log holds after the last position, page by page, as fast as the client reads."""
        surroundings = self._group.surroundings
        while True:
            page = await surroundings.log.after(self.last)
            if page.hole is not None:
                await self._anew(page.hole)
                return
            for entry in page.entries:
                envelope = surroundings.table.route(entry.event).at(entry.position)
                self.last = entry.position
                if envelope and envelope.event_id not in self._seen and self._group.is_told(envelope):
                    await self._give(envelope, entry.position)
            if page.is_last:
                return

    async def _anew(self, cause: GapCause | None) -> None:
        beginning = await self._group.surroundings.log.beginning(self._group.stream, self._snapshot)
        self.last, self._seen = beginning.head, beginning.unnumbered
        if cause is not None:
            await self._give(Gap(cause, self.last), self.last)
        if self._snapshot is not None:
            await self._give(Snapshot(beginning.state, self.last), self.last)

    async def _give(self, item: Item[Any], position: Position) -> None:
        surroundings, name = self._group.surroundings, topic(self._group.stream)
        if isinstance(item, Gap):
            surroundings.metrics.gaps.labels(name, item.cause.value).inc()
        elif self._sink.waiting >= surroundings.capacity:
            await self._sink.emptied()
        rendered = self._render(item)
        whole = await rendered if isinstance(rendered, Awaitable) else rendered
        self._sink.next(whole, surroundings.cursor(position))
        surroundings.metrics.delivered[name] += 1
