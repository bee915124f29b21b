"""Orders, loaded for change."""

from __future__ import annotations

from db.transaction import Transaction
from domain.ids import OrderId
from domain.orders.errors import OrderNotFound
from domain.orders.order import Order


class SqlOrders:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get_for_update(self, order_id: OrderId) -> Order:
        order = await self._transaction.session.get(Order, order_id, with_for_update=True)
        if order is None:
            raise OrderNotFound
        return order

    async def add(self, order: Order) -> None:
        self._transaction.session.add(order)
