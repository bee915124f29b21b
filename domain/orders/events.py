"""What happens to orders."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Event
from domain.ids import IdKind, MerchantId, OrderId, ProductId, UserId, encode_id
from domain.money import Money


@dataclass(frozen=True, kw_only=True)
class OrderUpdated(Event):
    """The order as it is from then on."""

    name: ClassVar[str] = "order.updated"

    order_id: OrderId
    buyer_id: UserId
    merchant_id: MerchantId
    merchant_owner_id: UserId
    product_id: ProductId
    price: Money
    refunded_minor: int = 0
    status: str
    order_version: int

    @property
    def subject(self) -> str:
        """The order."""
        return encode_id(IdKind.ORDER, self.order_id)
