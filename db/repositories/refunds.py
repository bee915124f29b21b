"""What was given back, for change."""

from __future__ import annotations

from sqlalchemy import func, select

from db.tables.refunds import refunds
from db.transaction import Transaction
from domain.ids import OrderId
from domain.refunds.refund import Refund


class SqlRefunds:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def count(self, order_id: OrderId) -> int:
        counted = select(func.count()).where(refunds.c.order_id == order_id)
        return await self._transaction.session.scalar(counted) or 0

    async def add(self, refund: Refund) -> None:
        self._transaction.session.add(refund)
