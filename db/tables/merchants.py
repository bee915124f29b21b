"""Businesses."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.orm import registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.merchants.chain_address import SettlementNetwork
from domain.merchants.merchant import Merchant, MerchantStatus
from domain.merchants.settlement_address import SettlementAddress

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


# Which one holds follows from the time, so nothing has to happen when a day is over.
settlement_addresses: Final = Table(
    "settlement_addresses",
    metadata,
    id_column(),
    Column("merchant_id", Uuid, ForeignKey("merchants.id"), nullable=False),
    Column("network", EnumText(SettlementNetwork), nullable=False),
    Column("address", Text, nullable=False),
    Column("set_by", Uuid, ForeignKey("users.id"), nullable=False),
    instant_column("set_at"),
    instant_column("in_force_at"),
    Column("cancelled_by", Uuid, ForeignKey("users.id")),
    instant_column("cancelled_at", nullable=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("network in ('BSC', 'TRON')", name="network_known"),
    CheckConstraint("in_force_at >= set_at + interval '24 hours'", name="cools_off"),
    CheckConstraint("(cancelled_by is null) = (cancelled_at is null)", name="cancelled_by_person"),
    CheckConstraint("cancelled_at < in_force_at", name="cancelled_before_in_force"),
    info={"id_kind": IdKind.SETTLEMENT_ADDRESS},
)
Index(
    "ix_settlement_addresses_merchant",
    settlement_addresses.c.merchant_id,
    settlement_addresses.c.set_at,
    settlement_addresses.c.id,
)


def map_merchants(mappers: registry) -> None:
    """Map merchants, and where they are settled."""
    mappers.map_imperatively(
        SettlementAddress,
        settlement_addresses,
        version_id_col=settlement_addresses.c.version,
        version_id_generator=False,
    )
    mappers.map_imperatively(Merchant, merchants, version_id_col=merchants.c.version, version_id_generator=False)
