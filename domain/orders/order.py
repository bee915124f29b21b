"""An order: one product, bought by one customer, paid, delivered, and perhaps refunded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import IdKind, MerchantId, OrderId, ProductCodeId, ProductId, RateId, UserId, encode_id
from domain.money import Asset, Money
from domain.orders.errors import OrderNotRefundable
from domain.orders.events import OrderUpdated


class OrderStatus(StrEnum):
    """Where an order stands."""

    DELIVERED = "DELIVERED"
    """Paid, and the good is the customer's."""
    REFUNDED = "REFUNDED"
    """The customer has the money back; the good was shown to them and is not sold again."""


@dataclass(eq=False, kw_only=True)
class Order:
    """What was bought, for what, and what of its value in millionths of a USDT is the market's."""

    id: OrderId
    buyer_id: UserId
    merchant_id: MerchantId
    merchant_owner_id: UserId
    product_id: ProductId
    code_id: ProductCodeId
    price: Money
    value_minor: int
    fee_minor: int
    rate_id: RateId | None
    words: str
    status: OrderStatus = OrderStatus.DELIVERED
    refund_reason: str | None = None
    placed_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def value(self) -> Money:
        """What the price is worth in USDT."""
        return Money(self.value_minor, Asset.USDT)

    @property
    def fee(self) -> Money:
        """The market's share of it."""
        return Money(self.fee_minor, Asset.USDT)

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.ORDER, self.id)

    @property
    def reference(self) -> str:
        """The natural key of its transfer."""
        return f"order:{self.label}:paid"

    def refund(self, reason: str, *, at: datetime) -> OrderUpdated:
        """Take it back. Raises OrderNotRefundable when it was refunded before."""
        if self.status is not OrderStatus.DELIVERED:
            raise OrderNotRefundable
        self.status, self.refund_reason, self.updated_at = OrderStatus.REFUNDED, reason, at
        self.version += 1
        return self.told

    @property
    def told(self) -> OrderUpdated:
        """The order as it is, for those who listen; never the good itself."""
        return OrderUpdated(
            order_id=self.id,
            buyer_id=self.buyer_id,
            merchant_id=self.merchant_id,
            merchant_owner_id=self.merchant_owner_id,
            product_id=self.product_id,
            price=self.price,
            status=self.status.value,
            order_version=self.version,
        )
