"""An order, live, for who bought it and who sold it."""

from __future__ import annotations

from collections.abc import AsyncIterable

import strawberry

from db.engine import Connection
from domain.orders import events as domain
from domain.orders.order import Order as Purchase
from realtime.channels import order_channel
from realtime.envelope import Envelope
from resolvers.context import Info
from resolvers.orders import order_id_of, visible_order
from resolvers.streams import live_source, personal
from schema.access import SIGNED_IN
from schema.fields import subscription
from schema.orders import Order, OrderSnapshot, OrderStreamItem, OrderUpdated
from schema.scalars import StreamCursor
from schema.streams import EventHead


@strawberry.type
class OrderSubscription:
    """What customers and merchants are told live."""

    @subscription(access=SIGNED_IN)
    async def order_events(
        self, info: Info, order_id: strawberry.ID, after: StreamCursor | None = None, snapshot: bool = True
    ) -> AsyncIterable[OrderStreamItem]:
        """Where an order stands that you bought or sold. The order comes first, unless you resume."""
        context, order = info.context, order_id_of(order_id)

        async def read(connection: Connection) -> Purchase:
            return await visible_order(connection, order, context.actor)

        def told(envelope: Envelope, head: EventHead) -> OrderUpdated:
            event = context.live.table.fact(envelope)
            assert isinstance(event, domain.OrderUpdated), f"{envelope.name} is not told about orders"
            return OrderUpdated.told(event, head)

        async with context.database.read() as connection:
            await read(connection)
        return live_source(
            context,
            order_channel(order),
            viewer=personal(context.actor),
            after=after,
            snapshot=read if snapshot else None,
            show=lambda state, place: OrderSnapshot(order=Order.of(state), **place),
            tell=told,
        )
