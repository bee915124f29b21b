"""Rules by which tips leave."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Uuid
from sqlalchemy.orm import registry

from db.columns import EnumText, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.tip_payouts.rule import TipPayoutRule, TipPayoutWhen

tip_payout_rules: Final = Table(
    "tip_payout_rules",
    metadata,
    Column("worker_id", Uuid, ForeignKey("workers.id"), primary_key=True),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("when", EnumText(TipPayoutWhen), nullable=False),
    Column("minimum_minor", BigInteger, nullable=False),
    instant_column("since"),
    instant_column("waits_until"),
    Column("carried_minor", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    CheckConstraint("\"when\" in ('AT_ONCE', 'AT_AMOUNT', 'DAILY')", name="when_known"),
    CheckConstraint("minimum_minor >= 1000", name="minimum_payable"),
    CheckConstraint("carried_minor >= 0", name="carried_not_negative"),
    info={"id_kind": IdKind.WORKER},
)
Index("ix_tip_payout_rules_waits_until", tip_payout_rules.c.waits_until)


def map_tip_payouts(mappers: registry) -> None:
    """Map rules."""
    mappers.map_imperatively(
        TipPayoutRule, tip_payout_rules, version_id_col=tip_payout_rules.c.version, version_id_generator=False
    )
