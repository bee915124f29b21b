"""From a live stream to the items of a subscription."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import TypeVar

import strawberry

from db.streams import Position
from domain.identity.actor import Actor
from domain.ids import IdKind, encode_id
from realtime.envelope import Envelope
from realtime.items import Gap, Heartbeat, Item, Snapshot
from realtime.log import ReadSnapshot
from realtime.source import LiveSource
from resolvers.context import ApiContext
from schema.scalars import BigInt, StreamCursor
from schema.streams import EventHead, StreamGap, StreamHeartbeat, StreamPlace

S = TypeVar("S")
N = TypeVar("N")
E = TypeVar("E")


def live_source(
    context: ApiContext,
    stream: str,
    *,
    viewer: Hashable,
    after: StreamCursor | None,
    snapshot: ReadSnapshot[S] | None,
    show: Callable[[S, StreamPlace], N],
    tell: Callable[[Envelope, EventHead], E],
    is_wanted: Callable[[Envelope], bool] = lambda _: True,
) -> LiveSource[S, N | E | StreamGap | StreamHeartbeat]:
    """The items of one subscription. `viewer` is equal for those to whom an event says the same.

    Raises:
        InvalidInput: the cursor is not of this stream.
    """
    live = context.live

    def place(position: Position) -> StreamPlace:
        return StreamPlace(cursor=StreamCursor(live.cursors.cursor(position)), position=BigInt(position.offset))

    def item(heard: Item[S]) -> N | E | StreamGap | StreamHeartbeat:
        match heard:
            case Envelope():
                return tell(heard, head_of(heard, place(heard.position)))
            case Snapshot():
                return show(heard.state, place(heard.head))
            case Gap():
                begins = place(heard.resume_from)
                return StreamGap(reason=heard.cause.value, resume_from=begins["cursor"], position=begins["position"])
            case Heartbeat():
                return StreamHeartbeat(**place(heard.head))

    return LiveSource(
        live=live,
        stream=stream,
        viewer=viewer,
        show=item,
        after=None if after is None else live.cursors.position(after, stream=stream),
        snapshot=snapshot,
        is_wanted=is_wanted,
    )


def personal(actor: Actor) -> Hashable:
    """The viewer of what depends on who sees it: the person and what they may."""
    return actor.user, actor.roles


def head_of(envelope: Envelope, place: StreamPlace) -> EventHead:
    """What the event says of itself, whatever kind it is."""
    return EventHead(
        id=strawberry.ID(encode_id(IdKind.EVENT, envelope.event_id)),
        type=envelope.type,
        schema_version=envelope.version,
        occurred_at=envelope.at,
        cursor=place["cursor"],
        position=place["position"],
        request_id=strawberry.ID(envelope.request_id),
    )
