"""What was given back of orders."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import composite, registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.refunds.refund import Refund

refunds: Final = Table(
    "refunds",
    metadata,
    id_column(),
    Column("order_id", Uuid, ForeignKey("orders.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    Column("from_merchant_minor", BigInteger, nullable=False),
    Column("from_market_minor", BigInteger, nullable=False),
    Column("reason", Text, nullable=False),
    Column("made_by", Uuid, ForeignKey("users.id")),
    instant_column("made_at"),
    UniqueConstraint("order_id", "place"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("from_merchant_minor >= 0 and from_market_minor >= 0", name="parts_exist"),
    info={"id_kind": IdKind.REFUND},
)

Index("ix_refunds_made_at", refunds.c.made_at)


def map_refunds(mappers: registry) -> None:
    """Map refunds."""
    mappers.map_imperatively(
        Refund,
        refunds,
        properties={
            "_amount_minor": refunds.c.amount_minor,
            "_amount_asset": refunds.c.amount_asset,
            "amount": composite(Money, refunds.c.amount_minor, refunds.c.amount_asset),
        },
    )
