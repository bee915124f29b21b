"""Payments by acquirers: how they stand there, what was called back, and what payers' banks ask back."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.orm import composite, registry

from db.columns import SECRET, EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.payments.callback_inbox import CallbackState
from domain.payments.checkout import Checkout
from domain.payments.checkout_state import CheckoutState
from domain.payments.dispute import Dispute
from domain.payments.state import Rail

checkouts: Final = Table(
    "checkouts",
    metadata,
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), primary_key=True),
    Column("rail", EnumText(Rail), nullable=False),
    Column("reference", Text, nullable=False, unique=True),
    Column("state", EnumText(CheckoutState), nullable=False),
    Column("names_used", Integer, nullable=False),
    Column("calls", Integer, nullable=False),
    instant_column("next_call_at", nullable=True),
    instant_column("closing_since", nullable=True),
    Column("provider_id", Text),
    Column("authorization", Text),
    Column("public_key", Text),
    Column("sealed_secret", LargeBinary, info=SECRET),
    Column("sealed_url", LargeBinary, info=SECRET),
    Column("decline", Text),
    instant_column("opened_at", nullable=True),
    instant_column("told_at", nullable=True),
    UniqueConstraint("rail", "provider_id"),
    CheckConstraint(
        "state in ('WAITING', 'OPENING', 'OPEN', 'AUTHENTICATING', 'PROCESSING', 'APPROVED',"
        " 'PAID', 'CLOSED', 'REFUSED')",
        name="state_known",
    ),
    CheckConstraint("(state in ('PAID', 'CLOSED', 'REFUSED')) = (next_call_at is null)", name="asked_until_its_end"),
    CheckConstraint(
        "state in ('WAITING', 'OPENING', 'CLOSED', 'REFUSED') or provider_id is not null", name="opened_is_known"
    ),
    info={"id_kind": IdKind.PAYMENT_INTENT},
)
Index("ix_checkouts_due", checkouts.c.next_call_at, postgresql_where=checkouts.c.next_call_at.is_not(None))

# The body as it was signed. An event is kept once, however often it comes.
acquirer_callbacks: Final = Table(
    "acquirer_callbacks",
    metadata,
    id_column(),
    Column("rail", EnumText(Rail), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("source", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    instant_column("received_at"),
    Column("state", EnumText(CallbackState), nullable=False),
    Column("outcome", Text),
    Column("attempts", Integer, nullable=False),
    instant_column("next_attempt_at"),
    instant_column("claimed_until", nullable=True),
    UniqueConstraint("rail", "event_id"),
    CheckConstraint("state in ('WAITING', 'TAKEN', 'REFUSED', 'DEAD')", name="state_known"),
    CheckConstraint("state not in ('TAKEN', 'REFUSED') or outcome is not null", name="decided_says_why"),
)
Index(
    "ix_acquirer_callbacks_waiting",
    acquirer_callbacks.c.next_attempt_at,
    postgresql_where=acquirer_callbacks.c.state == CallbackState.WAITING,
)
Index(
    "ix_acquirer_callbacks_kept",
    acquirer_callbacks.c.received_at,
    postgresql_where=text("state in ('TAKEN', 'REFUSED') and body <> ''"),
)

payment_disputes: Final = Table(
    "payment_disputes",
    metadata,
    id_column(),
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), nullable=False),
    Column("rail", EnumText(Rail), nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    Column("reason", Text, nullable=False),
    Column("status", Text, nullable=False),
    instant_column("opened_at"),
    instant_column("told_at"),
    UniqueConstraint("rail", "provider_id"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    info={"id_kind": IdKind.DISPUTE},
)
Index("ix_payment_disputes_payment_id", payment_disputes.c.payment_id)
Index("ix_payment_disputes_opened", payment_disputes.c.opened_at, payment_disputes.c.id)


def map_checkouts(mappers: registry) -> None:
    """Map checkouts and disputes; callbacks are rows."""
    mappers.map_imperatively(Checkout, checkouts)
    mappers.map_imperatively(
        Dispute,
        payment_disputes,
        properties={
            "_amount_minor": payment_disputes.c.amount_minor,
            "_amount_asset": payment_disputes.c.amount_asset,
            "amount": composite(Money, payment_disputes.c.amount_minor, payment_disputes.c.amount_asset),
        },
    )
