"""How well the market knows people; who has no row is UNVERIFIED."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Integer, Table, Text, Uuid
from sqlalchemy.orm import registry

from db.columns import EnumText, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.kyc.tier import KycStanding, KycTier

kyc_standings: Final = Table(
    "kyc_standings",
    metadata,
    Column("user_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("tier", EnumText(KycTier), nullable=False),
    Column("reason", Text, nullable=False),
    Column("set_by", Uuid, ForeignKey("users.id")),
    instant_column("set_at"),
    Column("version", Integer, nullable=False),
    CheckConstraint("tier in ('UNVERIFIED', 'BASIC', 'FULL')", name="tier_known"),
    CheckConstraint("set_by <> user_id", name="set_by_another"),
    info={"id_kind": IdKind.USER},
)


def map_kyc(mappers: registry) -> None:
    """Map standings."""
    mappers.map_imperatively(
        KycStanding, kyc_standings, version_id_col=kyc_standings.c.version, version_id_generator=False
    )
