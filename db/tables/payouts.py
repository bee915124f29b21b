"""What leaves the market."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.orm import composite, registry

from db.columns import SECRET, EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.payouts.payout import Payout
from domain.payouts.rail_pause import Reach
from domain.payouts.state import PayoutRail, PayoutState

OPEN: Final = (PayoutState.HELD, PayoutState.APPROVED, PayoutState.SENDING, PayoutState.UNKNOWN)
UNDER_WAY: Final = tuple(state for state in PayoutState if state.is_under_way)
NOT_LEFT: Final = (PayoutState.REJECTED, PayoutState.FAILED, PayoutState.RETURNED)

payouts: Final = Table(
    "payouts",
    metadata,
    id_column(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("rail", EnumText(PayoutRail), nullable=False),
    Column("sealed_destination", LargeBinary, nullable=False, info=SECRET),
    Column("destination_hint", Text, nullable=False),
    Column("needs_two_persons", Boolean, nullable=False),
    Column("is_by_rule", Boolean, nullable=False),
    Column("state", EnumText(PayoutState), nullable=False),
    Column("first_approved_by", Uuid, ForeignKey("users.id")),
    Column("decided_by", Uuid, ForeignKey("users.id")),
    Column("sent_as", Text, unique=True),
    Column("receipt_number", Text),
    Column("failure", Text),
    Column("rail_reference", Text),
    Column("contradicted_by", Text),
    instant_column("asked_at", nullable=True),
    instant_column("sent_at", nullable=True),
    instant_column("requested_at"),
    instant_column("updated_at"),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint(
        "state in ('HELD', 'APPROVED', 'SENDING', 'UNKNOWN', 'PAID', 'FAILED', 'REJECTED', 'RETURNED')",
        name="state_known",
    ),
    CheckConstraint("(state in ('PAID', 'RETURNED')) = (receipt_number is not null)", name="paid_by_receipt"),
    CheckConstraint("(state in ('FAILED', 'REJECTED', 'RETURNED')) = (failure is not null)", name="ended_says_why"),
    CheckConstraint(
        "(state in ('SENDING', 'UNKNOWN', 'PAID', 'FAILED', 'RETURNED')) = (sent_as is not null)", name="sent_by_name"
    ),
    CheckConstraint("first_approved_by <> decided_by or state = 'REJECTED'", name="two_persons"),
    CheckConstraint("contradicted_by is null or state in ('FAILED', 'REJECTED')", name="contradicted_when_given_back"),
    info={"id_kind": IdKind.PAYOUT},
)
Index("ix_payouts_owner", payouts.c.owner_id, payouts.c.requested_at, payouts.c.id)
Index("ix_payouts_paid", payouts.c.rail, payouts.c.updated_at, postgresql_where=payouts.c.state == PayoutState.PAID)
Index("ix_payouts_open", payouts.c.requested_at, payouts.c.id, postgresql_where=payouts.c.state.in_(OPEN))
Index(
    "ix_payouts_contradicted",
    payouts.c.requested_at,
    payouts.c.id,
    postgresql_where=payouts.c.contradicted_by.is_not(None),
)


# What a rail says it paid is one payment of the rail's: its number settles one payout.
payout_receipts: Final = Table(
    "payout_receipts",
    metadata,
    Column("rail", EnumText(PayoutRail), primary_key=True),
    Column("number", Text, primary_key=True),
    Column("payout_id", Uuid, ForeignKey("payouts.id"), nullable=False, unique=True),
)

payout_rail_pauses: Final = Table(
    "payout_rail_pauses",
    metadata,
    Column("rail", EnumText(PayoutRail), primary_key=True),
    Column("reach", EnumText(Reach), nullable=False),
    Column("why", Text, nullable=False),
    instant_column("paused_at"),
    instant_column("ends_at", nullable=True),
    CheckConstraint("reach in ('SENDING', 'EVERYTHING')", name="reach_known"),
)


def map_payouts(mappers: registry) -> None:
    """Map payouts; pauses are rows."""
    mappers.map_imperatively(
        Payout,
        payouts,
        version_id_col=payouts.c.version,
        version_id_generator=False,
        properties={
            "_amount_minor": payouts.c.amount_minor,
            "_amount_asset": payouts.c.amount_asset,
            "amount": composite(Money, payouts.c.amount_minor, payouts.c.amount_asset),
        },
    )
