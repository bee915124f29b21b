"""Orders as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self

import strawberry

from domain.ids import IdKind, MerchantId, OrderId, PaymentId, ProductCodeId, ProductId, UserId, encode_id
from domain.money import Money as Amount
from domain.orders import events
from domain.orders.order import Order as Purchase
from domain.orders.order import OrderStatus
from domain.payments.state import Rail
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.identity import User
from schema.merchants import Merchant, Product
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.payments import PaymentIntent
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat
from schema.uploads import StoredFile

strawberry.enum(OrderStatus, description="Where an order stands; more may come.")


@strawberry.type
class Order(Node):
    """What a customer bought."""

    buyer_key: strawberry.Private[UserId]
    merchant_key: strawberry.Private[MerchantId]
    product_key: strawberry.Private[ProductId]
    code_key: strawberry.Private[ProductCodeId | None]
    key: strawberry.Private[OrderId]
    is_file: strawberry.Private[bool]
    payment_key: strawberry.Private[PaymentId | None]

    buyer: User = edge(key="buyer_key", loader="user")
    """Who bought."""
    merchant: Merchant = edge(key="merchant_key", loader="merchant")
    """Who sold."""
    product: Product = edge(key="product_key", loader="product")
    """What, as it is now."""
    price: Money
    """What was paid, or is to be."""
    value: Money
    """What that was worth in USDT."""
    fee: Money
    """The market's share of the value."""
    status: OrderStatus
    """Where it stands."""
    cancel_reason: str | None
    """Why it was cancelled, where it was."""
    refund_reason: str | None
    """Why it was refunded, where all of it was."""
    refunded: Money
    """What was given back of the price."""
    reference: str
    """Of its transfer, as wallets name it."""
    placed_at: datetime
    """When."""
    version: int
    """Counts its changes."""

    @classmethod
    def of(cls, order: Purchase) -> Self:
        """Of an order that the caller may see, which was asked before."""
        return cls(
            id=strawberry.ID(order.label),
            buyer_key=order.buyer_id,
            merchant_key=order.merchant_id,
            product_key=order.product_id,
            code_key=order.code_id if order.is_shown else None,
            key=order.id,
            is_file=order.file_id is not None,
            payment_key=order.payment_id,
            price=Money.of(order.price),
            value=Money.of(order.value),
            fee=Money.of(order.fee),
            status=order.status,
            cancel_reason=order.cancel_reason,
            refund_reason=order.refund_reason,
            refunded=Money.of(order.refunded),
            reference=order.reference,
            placed_at=order.placed_at,
            version=order.version,
        )

    @query(access=SIGNED_IN)
    async def code(self, info: Info) -> str | None:
        """The good, if it is a code, for who bought it and once it is paid; null for everybody else."""
        if self.code_key is None or info.context.actor.user != self.buyer_key:
            return None
        code: str = await info.context.loaders.product_code(self.code_key, info.context.gateways)
        return code

    @query(access=SIGNED_IN)
    async def file(self, info: Info) -> StoredFile | None:
        """The good, if it is a file, for who bought it: from its payment until a refund, with a new link each time;
        null for everybody else.
        """
        if not self.is_file or info.context.actor.user != self.buyer_key:
            return None
        # Asked anew: this answer may be one that was remembered, of before a refund.
        found: StoredFile | None = await info.context.loaders.delivered_file.load(self.key)
        return found

    @query(access=SIGNED_IN)
    async def payment(self, info: Info) -> PaymentIntent | None:
        """How it is paid, for who buys it by a rail and not from a wallet; null for everybody else."""
        if self.payment_key is None or info.context.actor.user != self.buyer_key:
            return None
        payment: PaymentIntent = await info.context.loaders.payment.load(self.payment_key)
        return payment


@strawberry.input
class OrderPlaceInput:
    """What you buy, at the price that you saw."""

    product_id: strawberry.ID
    """Which product."""
    price: MoneyInput
    """Its price as you saw it. Another price by now is refused."""
    rail: Rail | None = None
    """The way that the money takes; your wallet in the price's asset pays at once when you name none."""
    phone: str | None = None
    """By M-Pesa: the Kenyan number that is asked; your own when you name none."""
    coupon_code: str | None = None
    """For coupons, of which there are none yet: every code is refused as not found."""
    idempotency_key: str
    """Your name for this order, 1 to 255 printable characters; sent again, it buys once and answers the same."""


@strawberry.type
class OrderPlacePayload(Payload):
    """The order: paid and delivered from a wallet; by a rail it waits for its payment."""

    order: Order | None = None
    """Null when it was refused."""


@strawberry.input
class OrderCancelInput:
    """Which order you do not want."""

    order_id: strawberry.ID
    """One of your own that waits for its payment."""


@strawberry.type
class OrderCancelPayload(Payload):
    """The order, cancelled."""

    order: Order | None = None
    """Null when it was refused."""


@strawberry.input
class OrderRefundInput:
    """Which order is taken back."""

    order_id: strawberry.ID
    """One that your merchant sold, or anybody's for finance."""
    reason: str
    """For the customer and the audit trail, 3 to 500 characters."""
    idempotency_key: str
    """Your name for this refund, 1 to 255 printable characters."""


@strawberry.type
class OrderRefundPayload(Payload):
    """The order, taken back."""

    order: Order | None = None
    """Null when it was refused."""


@strawberry.type
class OrderSnapshot:
    """The order as it stands."""

    order: Order
    """Bought or sold by you."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class OrderUpdated(DomainEvent):
    """The order changed."""

    order_id: strawberry.ID
    """Which."""
    status: str
    """Where it stands from then on."""
    refunded: Money
    """What was given back of the price by then."""
    version: int
    """One with a higher version is newer."""

    @classmethod
    def told(cls, event: events.OrderUpdated, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            order_id=strawberry.ID(encode_id(IdKind.ORDER, event.order_id)),
            status=event.status,
            refunded=Money.of(Amount(event.refunded_minor, event.price.asset)),
            version=event.order_version,
        )


OrderStreamItem = Annotated[
    OrderSnapshot | OrderUpdated | StreamGap | StreamHeartbeat,
    strawberry.union("OrderStreamItem", description="What orderEvents tells; more kinds may come."),
]
