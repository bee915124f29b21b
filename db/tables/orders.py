"""What was bought."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.orm import composite, registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.orders.order import Order, OrderStatus

orders: Final = Table(
    "orders",
    metadata,
    id_column(),
    Column("buyer_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("merchant_id", Uuid, ForeignKey("merchants.id"), nullable=False),
    Column("merchant_owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False),
    Column("code_id", Uuid, ForeignKey("product_codes.id"), unique=True),
    Column("file_id", Uuid, ForeignKey("uploads.id")),
    Column("price_minor", BigInteger, nullable=False),
    Column("price_asset", EnumText(Asset), nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("rate_id", Uuid, ForeignKey("exchange_rates.id")),
    Column("words", Text, nullable=False),
    Column("status", EnumText(OrderStatus), nullable=False),
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), unique=True),
    Column("cancel_reason", Text),
    Column("refund_reason", Text),
    Column("refunded_minor", BigInteger, nullable=False),
    instant_column("placed_at"),
    instant_column("updated_at"),
    Column("version", Integer, nullable=False),
    CheckConstraint("price_minor > 0 and value_minor > 0", name="price_positive"),
    CheckConstraint("fee_minor between 0 and value_minor", name="fee_within_value"),
    CheckConstraint("status in ('AWAITING_PAYMENT', 'DELIVERED', 'REFUNDED', 'CANCELLED')", name="status_known"),
    CheckConstraint("(status = 'REFUNDED') = (refund_reason is not null)", name="refunded_says_why"),
    CheckConstraint("refunded_minor between 0 and price_minor", name="refunded_within_price"),
    CheckConstraint("(status = 'REFUNDED') = (refunded_minor = price_minor)", name="refunded_whole"),
    CheckConstraint("refunded_minor = 0 or status in ('DELIVERED', 'REFUNDED')", name="refunded_once_delivered"),
    CheckConstraint("(status = 'CANCELLED') = (cancel_reason is not null)", name="cancelled_says_why"),
    CheckConstraint(
        "num_nonnulls(code_id, file_id) = case status when 'CANCELLED' then 0 else 1 end",
        name="one_good_unless_cancelled",
    ),
    CheckConstraint("status in ('DELIVERED', 'REFUNDED') or payment_id is not null", name="unpaid_has_payment"),
    info={"id_kind": IdKind.ORDER},
)
Index(
    "ix_orders_awaiting",
    orders.c.buyer_id,
    orders.c.product_id,
    postgresql_where=orders.c.status == OrderStatus.AWAITING_PAYMENT,
)
Index("ix_orders_buyer", orders.c.buyer_id, orders.c.placed_at, orders.c.id)
Index("ix_orders_merchant", orders.c.merchant_id, orders.c.placed_at, orders.c.id)


def map_orders(mappers: registry) -> None:
    """Map orders."""
    mappers.map_imperatively(
        Order,
        orders,
        version_id_col=orders.c.version,
        version_id_generator=False,
        properties={
            "_price_minor": orders.c.price_minor,
            "_price_asset": orders.c.price_asset,
            "price": composite(Money, orders.c.price_minor, orders.c.price_asset),
        },
    )
