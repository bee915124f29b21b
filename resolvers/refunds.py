"""Refunds: finance gives customers a part of a price back, or all of it."""

from __future__ import annotations

import strawberry

from db.reads.refunds import refunds_of_order
from domain.identity.roles import Permission
from domain.plain import to_plain
from domain.refunds.refunding import create_refund
from resolvers.context import Info
from resolvers.orders import order_id_of, visible_order
from schema.access import SIGNED_IN, holders_of
from schema.fields import mutation, query
from schema.orders import Order
from schema.pages import Connection, scope_of
from schema.refunds import Refund, RefundCreateInput, RefundCreatePayload


@strawberry.type
class RefundQuery:
    """What can be asked about refunds."""

    @query(access=SIGNED_IN)
    async def order_refunds(
        self, info: Info, order_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[Refund]:
        """What was given back of an order that you bought or sold, the first first; finance sees everybody's."""
        order = order_id_of(order_id)
        cursors, scope = info.context.cursors, scope_of("orderRefunds", order)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            await visible_order(connection, order, info.context.actor)
            page = await refunds_of_order(connection, order, page=request)
        return Connection.of(page.map(Refund.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class RefundMutation:
    """How money is given back."""

    @mutation(access=holders_of(Permission.REFUND_CREATE), once=True)
    async def refund_create(self, info: Info, input: RefundCreateInput) -> RefundCreatePayload:
        """Give a customer a part of a price back, or all that is left of it. All refunds of an order together are at
        most its price; merchant and market give their parts.
        """
        order_id = order_id_of(input.order_id)
        amount = input.amount.parse() if input.amount else None
        async with info.context.unit_of_work() as uow:
            order, refund = await create_refund(uow, order_id=order_id, amount=amount, reason=input.reason)
            payload = RefundCreatePayload(refund=Refund.of(refund), order=Order.of(order))
            uow.remember(to_plain(payload))
        return payload
