"""An order: one product, bought by one customer; paid and delivered, and perhaps refunded, or cancelled unpaid."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import (
    IdKind,
    MerchantId,
    OrderId,
    PaymentId,
    ProductCodeId,
    ProductId,
    RateId,
    UploadId,
    UserId,
    encode_id,
)
from domain.money import Asset, Money
from domain.orders.errors import OrderNotCancellable
from domain.orders.events import OrderUpdated


class OrderStatus(StrEnum):
    """Where an order stands."""

    AWAITING_PAYMENT = "AWAITING_PAYMENT"
    """The good is set aside for it until its payment ends."""
    DELIVERED = "DELIVERED"
    """Paid, and the good is the customer's; a part of the price may have been given back."""
    REFUNDED = "REFUNDED"
    """The customer has the money back; the good was shown to them and is not sold again."""
    CANCELLED = "CANCELLED"
    """It was not paid, or could not be delivered any more; its code is for sale again."""


@dataclass(eq=False, kw_only=True)
class Order:
    """What was bought, for what, and what of its value in millionths of a USDT is the market's.

    `code_id` or `file_id` is the good; neither is once it is cancelled. `payment_id` is what it waits for, if it is
    paid by a rail. Value and fee are those of when it was placed.
    """

    id: OrderId
    buyer_id: UserId
    merchant_id: MerchantId
    merchant_owner_id: UserId
    product_id: ProductId
    code_id: ProductCodeId | None = None
    file_id: UploadId | None = None
    price: Money
    value_minor: int
    fee_minor: int
    rate_id: RateId | None
    words: str
    status: OrderStatus = OrderStatus.DELIVERED
    payment_id: PaymentId | None = None
    cancel_reason: str | None = None
    refund_reason: str | None = None
    refunded_minor: int = 0
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

    @property
    def is_awaiting(self) -> bool:
        """Whether it waits for its payment."""
        return self.status is OrderStatus.AWAITING_PAYMENT

    @property
    def is_shown(self) -> bool:
        """Whether its customer was given the good."""
        return self.status in (OrderStatus.DELIVERED, OrderStatus.REFUNDED)

    def deliver(self, *, at: datetime) -> OrderUpdated:
        """It is paid, and the good is the customer's."""
        assert self.is_awaiting, "it is delivered once"
        return self._become(OrderStatus.DELIVERED, at)

    def cancel(self, reason: str, *, at: datetime) -> OrderUpdated:
        """It is not to be delivered. Raises OrderNotCancellable unless it waits for its payment."""
        if not self.is_awaiting:
            raise OrderNotCancellable
        self.cancel_reason, self.code_id, self.file_id = reason, None, None
        return self._become(OrderStatus.CANCELLED, at)

    @property
    def refunded(self) -> Money:
        """What was given back of the price."""
        return Money(self.refunded_minor, self.price.asset)

    @property
    def left_to_refund(self) -> Money:
        """What was not."""
        return self.price - self.refunded

    def give_back(self, amount: Money, reason: str, *, at: datetime) -> OrderUpdated:
        """A part of the price is given back; with the last of it the order is. So much is left: the caller checked."""
        assert self.status is OrderStatus.DELIVERED, "what was not delivered is not given back"
        assert self.refunded + amount <= self.price, "no more is given back than was paid"
        self.refunded_minor += amount.minor
        if self.left_to_refund.is_positive:
            return self._become(OrderStatus.DELIVERED, at)
        self.refund_reason = reason
        return self._become(OrderStatus.REFUNDED, at)

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
            refunded_minor=self.refunded_minor,
            status=self.status.value,
            order_version=self.version,
        )

    def _become(self, status: OrderStatus, at: datetime) -> OrderUpdated:
        self.status, self.updated_at = status, at
        self.version += 1
        return self.told
