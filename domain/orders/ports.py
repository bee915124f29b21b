"""What orders ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.ids import OrderId, PaymentId, ProductId, UserId
from domain.orders.order import Order
from domain.payments.state import PaymentState
from domain.products.product import ProductCode


class Orders(Protocol):
    """Orders, loaded for change."""

    async def get_for_update(self, order_id: OrderId) -> Order:
        """The order, its row locked.

        Raises:
            OrderNotFound: there is none.
        """
        ...

    async def payment_of(self, order_id: OrderId, buyer_id: UserId) -> PaymentId | None:
        """The payment by a rail that a customer's order was placed with; neither row is locked.

        Raises:
            OrderNotFound: the customer has no such order.
        """
        ...

    async def get_awaiting_for_update(self, payment_id: PaymentId) -> Order:
        """The order that waits for this payment, its row locked; the payment's was locked before."""
        ...

    async def awaiting_count(self, buyer_id: UserId, product_id: ProductId) -> int:
        """How many of a product are set aside for a customer."""
        ...

    async def behind_their_payments(self, *, limit: int) -> list[tuple[Order, PaymentState, str | None]]:
        """Orders that wait though their payment has ended unpaid, locked, each with how it ended and why it failed;
        what another command holds is left out.
        """
        ...

    async def add(self, order: Order) -> None:
        """Keep a new order that needs no code."""
        ...

    async def add_taking_code(self, order: Order) -> ProductCode:
        """Keep a new order with the oldest unsold code of its product, which is noted in it. A code that another
        command holds is passed over; only when there is no other is it waited for.

        Raises:
            OutOfStock: every code is sold or set aside.
        """
        ...
