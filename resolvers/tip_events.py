"""Tips, live: a worker's own, and one tip for who gives it."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry

from db.engine import Connection
from domain.ids import TipId
from domain.tips import events as domain
from domain.tips.tip import Tip as Given
from domain.tips.worker import Worker as Profile
from realtime.channels import tip_channel, tips_channel
from realtime.envelope import Envelope
from resolvers.context import ApiContext, Info
from resolvers.streams import live_source, personal
from resolvers.tips import own_worker, tip_id_of, visible_tip
from schema.access import SIGNED_IN
from schema.fields import subscription
from schema.scalars import StreamCursor
from schema.streams import EventHead
from schema.tips import Tip, TipGiven, TipSnapshot, TipsSnapshot, TipStreamItem, TipUpdated
from schema.workers import Worker


@strawberry.type
class TipSubscription:
    """What workers are told live, and those who tip them."""

    @subscription(access=SIGNED_IN)
    async def tip_events(
        self,
        info: Info,
        tip_id: strawberry.ID | None = None,
        after: StreamCursor | None = None,
        snapshot: bool = True,
    ) -> AsyncIterable[TipStreamItem]:
        """Tips that you are given as a worker; or where one tip stands that you give. Your profile, or the tip, comes
        first, unless you resume.
        """
        if tip_id is None:
            return await _of_worker(info.context, after, snapshot=snapshot)
        return await _of_tip(info.context, tip_id_of(tip_id), after, snapshot=snapshot)


async def _of_worker(
    context: ApiContext, after: StreamCursor | None, *, snapshot: bool
) -> AsyncIterable[TipStreamItem]:
    async def read(connection: Connection) -> Profile:
        return await own_worker(connection, context.actor)

    async with context.database.read() as connection:
        worker = await read(connection)
    return live_source(
        context,
        tips_channel(worker.id),
        viewer=personal(context.actor),
        after=after,
        snapshot=read if snapshot else None,
        show=lambda state, place: TipsSnapshot(worker=Worker.of(state), **place),
        tell=lambda envelope, head: told(context, envelope, head),
    )


async def _of_tip(
    context: ApiContext, tip_id: TipId, after: StreamCursor | None, *, snapshot: bool
) -> AsyncIterable[TipStreamItem]:
    async def read(connection: Connection) -> Given:
        return await visible_tip(connection, tip_id, context.actor)

    async with context.database.read() as connection:
        await read(connection)
    return live_source(
        context,
        tip_channel(tip_id),
        viewer=personal(context.actor),
        after=after,
        snapshot=read if snapshot else None,
        show=lambda state, place: TipSnapshot(tip=Tip.of(state), **place),
        tell=lambda envelope, head: told(context, envelope, head),
    )


def told(context: ApiContext, envelope: Envelope, head: EventHead) -> TipGiven | TipUpdated:
    """The event as the worker, or who gives, reads it."""
    match context.live.table.fact(envelope):
        case domain.TipGiven() as event:
            return TipGiven.told(event, head)
        case domain.TipUpdated() as event:
            return TipUpdated.told(event, head)
    raise AssertionError(f"{envelope.name} is not told about tips")
