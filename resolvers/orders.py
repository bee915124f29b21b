"""Orders: customers buy, and merchants take back."""

from __future__ import annotations

from datetime import timedelta

import strawberry

from db.engine import Connection as DatabaseConnection
from db.reads.orders import order_by_id, orders_of_buyer, orders_of_merchant
from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.ids import IdKind, OrderId, decode_id
from domain.money import BasisPoints
from domain.orders.awaiting import cancel_order
from domain.orders.errors import OrderNotFound
from domain.orders.order import Order as Purchase
from domain.orders.purchase import OrderTerms, place_order, reserve_order
from domain.plain import to_plain
from domain.refunds.refunding import refund_order
from resolvers.context import Info
from resolvers.merchants import merchant_id_of, own_merchant, product_id_of
from resolvers.payments import way_of
from schema.access import SIGNED_IN
from schema.fields import mutation, query
from schema.orders import (
    Order,
    OrderCancelInput,
    OrderCancelPayload,
    OrderPlaceInput,
    OrderPlacePayload,
    OrderRefundInput,
    OrderRefundPayload,
)
from schema.pages import Connection, scope_of


def order_id_of(text: str, *, path: tuple[str, ...] = ("orderId",)) -> OrderId:
    """Read an order's id. Raises InvalidInput."""
    return OrderId(decode_id(IdKind.ORDER, text, path=path))


async def visible_order(connection: DatabaseConnection, order_id: OrderId, actor: Actor) -> Purchase:
    """An order that the actor bought or sold, or anybody's for finance. Raises OrderNotFound."""
    found = await order_by_id(connection, order_id)
    if found is None:
        raise OrderNotFound
    if actor.user not in (found.buyer_id, found.merchant_owner_id) and not actor.may(Permission.MERCHANT_VERIFY):
        raise OrderNotFound
    return found


async def terms_of(info: Info) -> OrderTerms:
    """The terms that the settings state now."""
    settings = (await info.context.settings.current()).settings
    return OrderTerms(
        fee=BasisPoints(int(settings["order_fee_basis_points"].value)),
        stale_after=timedelta(seconds=int(settings["rate_stale_after_seconds"].value)),
    )


@strawberry.type
class ViewerOrders:
    """What the viewer bought."""

    @query(access=SIGNED_IN)
    async def orders(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Order]:
        """What you bought, the newest first. Pages of 1 to 50, 20 when nothing is said."""
        buyer = info.context.actor.user_id
        cursors, scope = info.context.cursors, scope_of("viewer.orders", buyer)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await orders_of_buyer(connection, buyer, page=request)
        return Connection.of(page.map(Order.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class OrderQuery:
    """What can be asked about orders."""

    @query(access=SIGNED_IN)
    async def order(self, info: Info, id: strawberry.ID) -> Order:
        """An order that you bought or sold; finance sees everybody's."""
        async with info.context.database.read() as connection:
            return Order.of(await visible_order(connection, order_id_of(id, path=("id",)), info.context.actor))

    @query(access=SIGNED_IN)
    async def merchant_orders(
        self, info: Info, merchant_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[Order]:
        """What one of your own merchants sold, the newest first."""
        merchant = await own_merchant(info, merchant_id_of(merchant_id))
        cursors, scope = info.context.cursors, scope_of("merchantOrders", merchant.id)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await orders_of_merchant(connection, merchant.id, page=request)
        return Connection.of(page.map(Order.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class OrderMutation:
    """How things are bought and taken back."""

    @mutation(access=SIGNED_IN, once=True)
    async def order_place(self, info: Info, input: OrderPlaceInput) -> OrderPlacePayload:
        """Buy one of a product. Your wallet pays, the merchant is owed, and the good is yours, all or nothing; by a
        rail one is set aside for you, and is yours once the money arrived.
        """
        price, terms = input.price.parse(path=("price",)), await terms_of(info)
        product_id, coupon = product_id_of(input.product_id), input.coupon_code
        way = await way_of(info, input.rail, asset=price.asset, phone=input.phone) if input.rail else None
        async with info.context.unit_of_work() as uow:
            if way is None:
                order, code = await place_order(
                    uow, product_id=product_id, price=price, terms=terms, coupon_code=coupon
                )
                if code is not None:
                    info.context.loaders.know_code(code)
            else:
                order = await reserve_order(
                    uow, product_id=product_id, price=price, terms=terms, way=way, coupon_code=coupon
                )
            payload = OrderPlacePayload(order=Order.of(order))
            uow.remember(to_plain(payload))
        return payload

    @mutation(access=SIGNED_IN)
    async def order_cancel(self, info: Info, input: OrderCancelInput) -> OrderCancelPayload:
        """End an order of yours that waits for its payment. What arrives nevertheless is credited to your wallet."""
        order_id = order_id_of(input.order_id)
        async with info.context.unit_of_work() as uow:
            order = await cancel_order(uow, order_id=order_id)
        return OrderCancelPayload(order=Order.of(order))

    @mutation(access=SIGNED_IN, once=True)
    async def order_refund(self, info: Info, input: OrderRefundInput) -> OrderRefundPayload:
        """Give all that is left of the price back, by the merchant or by finance. The code is not sold again."""
        order_id = order_id_of(input.order_id)
        async with info.context.unit_of_work() as uow:
            order = await refund_order(uow, order_id=order_id, reason=input.reason)
            payload = OrderRefundPayload(order=Order.of(order))
            uow.remember(to_plain(payload))
        return payload
