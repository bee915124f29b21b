"""What refunds ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.ids import OrderId
from domain.refunds.refund import Refund


class Refunds(Protocol):
    """What was given back."""

    async def count(self, order_id: OrderId) -> int:
        """How many of an order; its row is locked by whoever asks."""
        ...

    async def add(self, refund: Refund) -> None:
        """Keep a new one."""
        ...
