"""Orders for show."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.orders import orders
from domain.ids import MerchantId, OrderId, UserId
from domain.orders.order import Order
from domain.page import Page, PageRequest

_NEWEST: Final = (orders.c.placed_at.desc(), orders.c.id.desc())


async def order_by_id(connection: AsyncConnection, order_id: OrderId) -> Order | None:
    """The order, whoever's it is."""
    row = (await connection.execute(select(orders).where(orders.c.id == order_id))).first()
    return _order(row) if row else None


async def orders_of_buyer(connection: AsyncConnection, buyer_id: UserId, *, page: PageRequest) -> Page[Order]:
    """What a person bought, the newest first."""
    bought = select(orders).where(orders.c.buyer_id == buyer_id)
    return (await keyset(connection, bought, order=_NEWEST, page=page)).map(_order)


async def orders_of_merchant(connection: AsyncConnection, merchant_id: MerchantId, *, page: PageRequest) -> Page[Order]:
    """What a merchant sold, the newest first."""
    sold = select(orders).where(orders.c.merchant_id == merchant_id)
    return (await keyset(connection, sold, order=_NEWEST, page=page)).map(_order)


def _order(row: Row[Any]) -> Order:
    return rebuilt(Order, row, orders, money="price")
