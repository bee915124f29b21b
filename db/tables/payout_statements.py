"""What rails say that they did with payouts."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
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
)
from sqlalchemy.orm import registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset
from domain.payouts.state import PayoutRail
from domain.payouts.statement import LineKind, LineState, PayoutStatement

payout_statements: Final = Table(
    "payout_statements",
    metadata,
    id_column(),
    Column("rail", EnumText(PayoutRail), nullable=False),
    Column("sha256", Text, nullable=False),
    Column("lines_count", Integer, nullable=False),
    Column("submitted_by", Uuid, ForeignKey("users.id")),
    Column("upload_id", Uuid, ForeignKey("uploads.id")),
    instant_column("received_at"),
    instant_column("tells_from", nullable=True),
    instant_column("tells_until", nullable=True),
    UniqueConstraint("rail", "sha256"),
    CheckConstraint("length(sha256) = 64", name="sha256_whole"),
    CheckConstraint("(submitted_by is null) = (upload_id is null)", name="brought_as_a_file"),
    CheckConstraint(
        "(tells_from is null) = (tells_until is null) and tells_from <= tells_until", name="tells_from_until"
    ),
    info={"id_kind": IdKind.PAYOUT_STATEMENT},
)
Index("ix_payout_statements_received_at", payout_statements.c.received_at, payout_statements.c.id)

payout_statement_lines: Final = Table(
    "payout_statement_lines",
    metadata,
    id_column(),
    Column("statement_id", Uuid, ForeignKey("payout_statements.id"), nullable=False),
    Column("place", Integer, nullable=False),
    Column("rail", EnumText(PayoutRail), nullable=False),
    Column("kind", EnumText(LineKind), nullable=False),
    Column("reference", Text),
    Column("number", Text, nullable=False),
    Column("payment_number", Text),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    Column("booked_on", Date, nullable=False),
    Column("words", Text, nullable=False),
    Column("payout_id", Uuid, ForeignKey("payouts.id")),
    Column("state", EnumText(LineState), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant_column("next_attempt_at"),
    instant_column("claimed_until", nullable=True),
    UniqueConstraint("statement_id", "place"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("kind in ('PAID', 'REFUSED', 'RETURNED')", name="kind_known"),
    CheckConstraint("state not in ('SETTLED', 'FAILED', 'KNOWN') or payout_id is not null", name="booked_on_a_payout"),
)
_lines: Final = payout_statement_lines.c
Index("ix_payout_statement_lines_day", _lines.rail, _lines.booked_on)
Index("ix_payout_statement_lines_reference", _lines.reference, postgresql_where=_lines.reference.is_not(None))
Index(
    "ix_payout_statement_lines_payment_number",
    _lines.payment_number,
    postgresql_where=_lines.reference.is_(None) & _lines.payment_number.is_not(None),
)
Index("ix_payout_statement_lines_waiting", _lines.next_attempt_at, postgresql_where=_lines.state == LineState.WAITING)


def map_payout_statements(mappers: registry) -> None:
    """Map statements; their lines are rows."""
    mappers.map_imperatively(PayoutStatement, payout_statements)
