"""Orders, loaded for change."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from db.tables.orders import orders
from db.tables.payments import OPEN, payment_intents
from db.transaction import Transaction
from domain.ids import OrderId, PaymentId, ProductId, UserId
from domain.orders.errors import OrderNotFound
from domain.orders.order import Order, OrderStatus
from domain.payments.state import PaymentState

_AWAITING: Final = OrderStatus.AWAITING_PAYMENT


class SqlOrders:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, order_id: OrderId) -> Order:
        return _found(await self._transaction.session.get(Order, order_id))

    async def get_for_update(self, order_id: OrderId) -> Order:
        return _found(await self._transaction.session.get(Order, order_id, with_for_update=True))

    async def get_awaiting_for_update(self, payment_id: PaymentId) -> Order:
        awaiting = select(Order).where(orders.c.payment_id == payment_id).with_for_update()
        return (await self._transaction.session.scalars(awaiting)).one()

    async def awaiting_count(self, buyer_id: UserId, product_id: ProductId) -> int:
        columns = orders.c
        counted = select(func.count()).where(
            columns.buyer_id == buyer_id, columns.product_id == product_id, columns.status == _AWAITING
        )
        return await self._transaction.session.scalar(counted) or 0

    async def behind_their_payments(self, *, limit: int) -> list[tuple[Order, PaymentState, str | None]]:
        payment = payment_intents.c
        behind = (
            select(Order, payment.state, payment.failure)
            .join(payment_intents, payment.id == orders.c.payment_id)
            .where(orders.c.status == _AWAITING, payment.state.not_in(OPEN))
            .order_by(orders.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=orders)
        )
        return [(row[0], row[1], row[2]) for row in await self._transaction.session.execute(behind)]

    async def add(self, order: Order) -> None:
        self._transaction.session.add(order)


def _found(order: Order | None) -> Order:
    if order is None:
        raise OrderNotFound
    return order
