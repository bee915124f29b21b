"""Businesses."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.orm import registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.merchants.merchant import Merchant, MerchantStatus

merchants: Final = Table(
    "merchants",
    metadata,
    id_column(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("status", EnumText(MerchantStatus), nullable=False),
    Column("fee_basis_points", Integer),
    Column("suspended_reason", Text),
    instant_column("registered_at"),
    instant_column("verified_at", nullable=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("status in ('PENDING', 'VERIFIED', 'SUSPENDED')", name="status_known"),
    CheckConstraint("fee_basis_points between 0 and 10000", name="fee_is_a_share"),
    CheckConstraint("(status = 'SUSPENDED') = (suspended_reason is not null)", name="suspended_says_why"),
    info={"id_kind": IdKind.MERCHANT},
)
Index("ix_merchants_owner_id", merchants.c.owner_id)
Index(
    "ix_merchants_pending",
    merchants.c.registered_at,
    merchants.c.id,
    postgresql_where=merchants.c.status == MerchantStatus.PENDING,
)


def map_merchants(mappers: registry) -> None:
    """Map merchants."""
    mappers.map_imperatively(Merchant, merchants, version_id_col=merchants.c.version, version_id_generator=False)
