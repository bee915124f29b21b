"""Orders, loaded for change."""

from __future__ import annotations

from typing import Final

from sqlalchemy import func, select

from db.changes import Note
from db.new_rows import added, as_driver_takes, inserting, new_row
from db.tables.orders import orders
from db.tables.payments import OPEN, payment_intents
from db.transaction import Transaction
from domain.ids import OrderId, PaymentId, ProductId, UserId
from domain.orders.errors import OrderNotFound
from domain.orders.order import Order, OrderStatus
from domain.payments.state import PaymentState
from domain.products.errors import OutOfStock
from domain.products.product import ProductCode

_AWAITING: Final = OrderStatus.AWAITING_PAYMENT


class SqlOrders:
    """See the port."""

    def __init__(self, transaction: Transaction, *, note: Note) -> None:
        self._transaction, self._note = transaction, note

    async def payment_of(self, order_id: OrderId, buyer_id: UserId) -> PaymentId | None:
        # Not the entity: whoever then locks it would be told of every change since as a conflict.
        found = await self._transaction.session.execute(
            select(orders.c.payment_id).where(orders.c.id == order_id, orders.c.buyer_id == buyer_id)
        )
        row = found.one_or_none()
        if row is None:
            raise OrderNotFound
        payment_id: PaymentId | None = row[0]
        return payment_id

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
        row = new_row(order, orders, money="price")
        await self._transaction.driver.execute(_ADD, *as_driver_takes(row))
        self._note(added(order.label, orders, row))

    async def add_taking_code(self, order: Order) -> ProductCode:
        driver, row = self._transaction.driver, new_row(order, orders, money="price")
        while True:
            taken = await driver.fetchrow(_ADD_TAKING_CODE, *as_driver_takes(row))
            if taken is not None:
                break
            # What is left is held by others, who may yet leave it: wait for one of them, and look again.
            if await driver.fetchval(_WAIT, order.product_id) is None:
                raise OutOfStock
        code = ProductCode(**dict(taken))
        order.code_id = code.id
        self._note(added(order.label, orders, row | {"code_id": code.id}))
        return code


def _found(order: Order | None) -> Order:
    if order is None:
        raise OrderNotFound
    return order


def _place(name: str) -> str:
    return f"${[column.name for column in orders.c].index(name) + 1}::UUID"


_ADD: Final = inserting(orders)
_ADD_TAKING_CODE: Final = f"""
    with taken as (
        update product_codes set order_id = {_place("id")}
        where id = (
            select id from product_codes where product_id = {_place("product_id")} and order_id is null
            order by id limit 1 for update skip locked
        )
        returning id, product_id, sealed_code, digest, order_id, added_at
    ), placed as (
        {inserting(orders, rows="from taken").replace(_place("code_id"), f"coalesce(taken.id, {_place('code_id')})")}
    )
    select * from taken
"""
# The row may be sold once it is ours to see; what matters is that there was one to wait for.
_WAIT: Final = """
    with held as (select id from product_codes where product_id = $1 and order_id is null order by id limit 1)
    select product_codes.id from product_codes join held using (id) for update of product_codes
"""
