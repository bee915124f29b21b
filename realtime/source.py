"""What a subscription answers: a stream that many may share, or that one may read by itself."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from db.streams import Position
from realtime.envelope import Envelope
from realtime.follower import Follower
from realtime.items import Item
from realtime.log import ReadSnapshot
from realtime.replay import LiveStreams
from realtime.sink import Sink

R = TypeVar("R")
S = TypeVar("S")
N = TypeVar("N")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveSource(Generic[S, N]):
    """One stream, for one kind of viewer. `show` makes of an item what the schema tells.

    `viewer` stands for everything besides the operation that decides what is told: two sources of the same stream and
    of equal viewers tell the same.
    """

    live: LiveStreams
    stream: str
    viewer: Hashable
    show: Callable[[Item[S]], N]
    after: Position | None = None
    snapshot: ReadSnapshot[S] | None = None
    is_wanted: Callable[[Envelope], bool] = lambda _: True

    async def __aiter__(self) -> AsyncGenerator[N, None]:
        following = self.live.follow(
            self.stream,
            after=self.after,
            snapshot=self.snapshot,
            is_wanted=self.is_wanted,
        )
        async with aclosing(following) as items:
            async for item in items:
                yield self.show(item)

    async def attach(
        self, sink: Sink[R], *, likeness: Hashable, render: Callable[[N], R | Awaitable[R]], after: str | None = None
    ) -> Follower[R]:
        """Give the rendered items to `sink`; those who attach with equal `likeness` share each event's rendering.

        `after` is a cursor that goes before the one the source was made with.

        Raises:
            InvalidInput: it is no cursor of this stream.
        """
        show: Callable[[Any], N] = self.show
        begin = self.after if after is None else self.live.cursors.position(after, stream=self.stream)
        return await self.live.attach(
            self.stream,
            sink,
            likeness=(self.viewer, likeness),
            render=lambda item: render(show(item)),
            after=begin,
            snapshot=self.snapshot,
            is_wanted=self.is_wanted,
        )
