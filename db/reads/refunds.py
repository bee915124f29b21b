"""What was given back, for show."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.refunds import refunds
from domain.ids import OrderId
from domain.page import Page, PageRequest
from domain.refunds.refund import Refund

_IN_ORDER: Final = (refunds.c.place.asc(),)


async def refunds_of_order(connection: AsyncConnection, order_id: OrderId, *, page: PageRequest) -> Page[Refund]:
    """What was given back of an order, the first first."""
    of_order = select(refunds).where(refunds.c.order_id == order_id)
    return (await keyset(connection, of_order, order=_IN_ORDER, page=page)).map(_refund)


def _refund(row: Row[Any]) -> Refund:
    return rebuilt(Refund, row, refunds, money="amount")
