"""What orders ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.ids import OrderId
from domain.orders.order import Order


class Orders(Protocol):
    """Orders, loaded for change."""

    async def get_for_update(self, order_id: OrderId) -> Order:
        """The order, its row locked.

        Raises:
            OrderNotFound: there is none.
        """
        ...

    async def add(self, order: Order) -> None:
        """Keep a new order."""
        ...
