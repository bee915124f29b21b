"""Streams as clients follow them: snapshot or replay first, then live, joined without a hole and without a double."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from typing import Any, Final, TypeVar

from db.engine import Database
from db.streams import Position
from realtime.cursors import CursorSeal
from realtime.envelope import Envelope
from realtime.follower import Follower
from realtime.group import Group, Surroundings
from realtime.hub import Hub
from realtime.items import Item
from realtime.log import ReadSnapshot, StreamLog
from realtime.metrics import RealtimeMetrics
from realtime.publication import PublishingTable
from realtime.queue import ItemQueue
from realtime.sink import Render, Sink

HEARTBEAT_SECONDS: Final = 15.0

R = TypeVar("R")
S = TypeVar("S")


class LiveStreams:
    """The streams of one process."""

    def __init__(
        self,
        database: Database,
        hub: Hub,
        table: PublishingTable,
        metrics: RealtimeMetrics,
        *,
        cursors: CursorSeal,
        heartbeat_seconds: float = HEARTBEAT_SECONDS,
    ) -> None:
        self.hub, self.table, self.cursors = hub, table, cursors
        self._surroundings = Surroundings(
            log=StreamLog(database),
            table=table,
            metrics=metrics,
            cursor=cursors.cursor,
            capacity=hub.capacity,
            heartbeat_seconds=heartbeat_seconds,
        )

    async def attach(
        self,
        stream: str,
        sink: Sink[R],
        *,
        likeness: Hashable,
        render: Render[Any, R],
        after: Position | None = None,
        snapshot: ReadSnapshot[Any] | None = None,
        is_wanted: Callable[[Envelope], bool] = lambda _: True,
    ) -> Follower[R]:
        """Give every wanted event after a position to `sink`, each once and in order, until the follower is closed.

        With `after` the log is replayed from there. Without it, or where the log no longer reaches back that far, the
        snapshot comes first, read after listening began, and then what happens after it. Without a snapshot it begins
        with what happens from now on.

        Followers of equal `likeness` get the same: each event is rendered once, by the `render` of the first of them,
        and wanted by the first one's `is_wanted`.
        """
        group = await self.hub.join(stream, likeness, lambda: Group(self._surroundings, stream, render, is_wanted))
        follower = Follower(
            group,
            sink,
            render=render,
            snapshot=snapshot,
            leave=lambda: self.hub.leave(stream, likeness),
        )
        follower.begin(after)
        return follower

    async def follow(
        self,
        stream: str,
        *,
        after: Position | None = None,
        snapshot: ReadSnapshot[S] | None = None,
        is_wanted: Callable[[Envelope], bool] = lambda _: True,
    ) -> AsyncGenerator[Item[S], None]:
        """The same for one reader alone. Ends after an overflow's gap: the client was too slow and comes back with its
        cursor.
        """
        items: ItemQueue[Item[S]] = ItemQueue()
        follower = await self.attach(
            stream,
            items,
            likeness=object(),
            render=lambda item: item,
            after=after,
            snapshot=snapshot,
            is_wanted=is_wanted,
        )
        try:
            async for item in items:
                yield item
        finally:
            follower.close()
            await asyncio.sleep(0)
