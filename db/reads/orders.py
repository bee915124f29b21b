"""Orders for show."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.orders import orders
from db.tables.uploads import uploads
from domain.ids import MerchantId, OrderId, UserId
from domain.orders.order import Order, OrderStatus
from domain.page import Page, PageRequest
from domain.uploads import Upload

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


async def delivered_files(connection: AsyncConnection, ids: Collection[OrderId]) -> dict[OrderId, Upload]:
    """The files of these orders, as long as they are delivered and not taken back."""
    bought = select(orders.c.id.label("order_id"), *uploads.c).join(uploads, uploads.c.id == orders.c.file_id)
    rows = await connection.execute(bought.where(orders.c.id.in_(ids), orders.c.status == OrderStatus.DELIVERED))
    return {row.order_id: Upload(**{column.name: row._mapping[column] for column in uploads.c}) for row in rows}


def _order(row: Row[Any]) -> Order:
    return rebuilt(Order, row, orders, money="price")
