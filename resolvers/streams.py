"""From a live stream to the items of a subscription."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import TypeVar

import strawberry

from db.streams import Position
from domain.ids import IdKind, encode_id
from realtime.envelope import Envelope
from realtime.items import Gap, Heartbeat, Snapshot
from realtime.replay import ReadSnapshot
from resolvers.context import ApiContext
from schema.scalars import StreamCursor
from schema.streams import EventHead, StreamGap, StreamHeartbeat

S = TypeVar("S")
N = TypeVar("N")
E = TypeVar("E")


async def follow_stream(
    context: ApiContext,
    stream: str,
    *,
    after: StreamCursor | None,
    snapshot: ReadSnapshot[S] | None,
    show: Callable[[S, StreamCursor], N],
    tell: Callable[[Envelope, EventHead], E],
    is_wanted: Callable[[Envelope], bool] = lambda _: True,
) -> AsyncGenerator[N | E | StreamGap | StreamHeartbeat, None]:
    """The items of one subscription. What they lead to is loaded anew for each, or it would be as old as the socket.

    Raises:
        InvalidInput: the cursor is not of this stream.
    """

    def cursor(position: Position) -> StreamCursor:
        return StreamCursor(context.stream_cursors.cursor(position))

    begin = None if after is None else context.stream_cursors.position(after, stream=stream)
    following = context.live.follow(stream, after=begin, snapshot=snapshot, is_wanted=is_wanted)
    async with aclosing(following) as items:
        async for item in items:
            context.forget_loaded()
            match item:
                case Envelope():
                    yield tell(item, head_of(item, cursor(item.position)))
                case Snapshot():
                    yield show(item.state, cursor(item.head))
                case Gap():
                    yield StreamGap(reason=item.cause.value, resume_from=cursor(item.resume_from))
                case Heartbeat():
                    yield StreamHeartbeat(cursor=cursor(item.head))


def head_of(envelope: Envelope, cursor: StreamCursor) -> EventHead:
    """What the event says of itself, whatever kind it is."""
    return EventHead(
        id=strawberry.ID(encode_id(IdKind.EVENT, envelope.event_id)),
        type=envelope.type,
        schema_version=envelope.version,
        occurred_at=envelope.at,
        cursor=cursor,
        request_id=strawberry.ID(envelope.request_id),
    )
