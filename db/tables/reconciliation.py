"""Reconciliation of payouts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    or_,
)
from sqlalchemy.orm import registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset
from domain.payouts.reconciliation import (
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyState,
    ReconciliationAction,
    ReconciliationRun,
    RunState,
)
from domain.payouts.state import PayoutRail
from domain.payouts.statement import LineKind

reconciliation_runs: Final = Table(
    "reconciliation_runs",
    metadata,
    id_column(),
    Column("rail", EnumText(PayoutRail), nullable=False),
    Column("day", Date, nullable=False),
    Column("state", EnumText(RunState), nullable=False),
    Column("matched_count", Integer, nullable=False),
    Column("missing_here_count", Integer, nullable=False),
    Column("missing_there_count", Integer, nullable=False),
    Column("wrong_amount_count", Integer, nullable=False),
    instant_column("created_at"),
    instant_column("reconciled_at", nullable=True),
    Column("has_news", Boolean, nullable=False),
    UniqueConstraint("rail", "day"),
    CheckConstraint("(state = 'DONE') = (reconciled_at is not null)", name="done_at"),
    info={"id_kind": IdKind.RECONCILIATION_RUN},
)
Index(
    "ix_reconciliation_runs_to_compare",
    reconciliation_runs.c.day,
    reconciliation_runs.c.id,
    postgresql_where=or_(reconciliation_runs.c.state == RunState.WAITING, reconciliation_runs.c.has_news),
)

payout_discrepancies: Final = Table(
    "payout_discrepancies",
    metadata,
    id_column(),
    Column("run_id", Uuid, ForeignKey("reconciliation_runs.id"), nullable=False),
    Column("kind", EnumText(DiscrepancyKind), nullable=False),
    Column("line_id", Uuid, ForeignKey("payout_statement_lines.id")),
    Column("line_kind", EnumText(LineKind)),
    Column("payout_id", Uuid, ForeignKey("payouts.id")),
    Column("reference", Text),
    Column("number", Text),
    Column("there_minor", BigInteger),
    Column("there_asset", EnumText(Asset)),
    Column("state", EnumText(DiscrepancyState), nullable=False),
    Column("action", EnumText(ReconciliationAction)),
    Column("reason", Text),
    Column("resolved_by", Uuid, ForeignKey("users.id")),
    instant_column("resolved_at", nullable=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("line_id is not null or payout_id is not null", name="has_a_side"),
    CheckConstraint("(line_id is null) = (kind = 'MISSING_THERE')", name="told_by_a_line"),
    CheckConstraint("(line_id is null) = (there_minor is null)", name="there_by_a_line"),
    CheckConstraint(
        "(state = 'RESOLVED') = (action is not null and reason is not null and resolved_by is not null)",
        name="resolved_by_somebody",
    ),
    info={"id_kind": IdKind.DISCREPANCY},
)
Index("ix_payout_discrepancies_run_id", payout_discrepancies.c.run_id, payout_discrepancies.c.id)


def map_reconciliation(mappers: registry) -> None:
    """Map runs and discrepancies."""
    mappers.map_imperatively(ReconciliationRun, reconciliation_runs)
    mappers.map_imperatively(
        Discrepancy,
        payout_discrepancies,
        version_id_col=payout_discrepancies.c.version,
        version_id_generator=False,
    )
