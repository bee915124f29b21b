"""Payments by M-Pesa: their prompts, and what was called back."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
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
    and_,
    text,
)
from sqlalchemy.orm import registry

from db.columns import SECRET, EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.payments.callback_inbox import CallbackState
from domain.payments.mpesa_request import MpesaRequest, PushState
from domain.payouts.callback import PayoutCallbackKind

mpesa_requests: Final = Table(
    "mpesa_requests",
    metadata,
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), primary_key=True),
    Column("phone", Text, nullable=False, info=SECRET),
    Column("reference", Text, nullable=False, unique=True),
    Column("state", EnumText(PushState), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant_column("next_attempt_at"),
    instant_column("claimed_until", nullable=True),
    Column("callback_digest", LargeBinary, unique=True),
    instant_column("requested_at", nullable=True),
    Column("merchant_request_id", Text),
    Column("checkout_request_id", Text, unique=True),
    Column("queries", Integer, nullable=False),
    instant_column("next_query_at", nullable=True),
    Column("result_code", Text),
    Column("receipt", Text, unique=True),
    CheckConstraint("state in ('WAITING', 'SENDING', 'SENT', 'UNKNOWN', 'REFUSED', 'DROPPED')", name="state_known"),
    CheckConstraint("length(reference) <= 12", name="reference_short"),
    CheckConstraint("state <> 'SENDING' or claimed_until is not null", name="sending_is_claimed"),
    CheckConstraint("state <> 'SENT' or checkout_request_id is not null", name="sent_is_known"),
    CheckConstraint("(requested_at is null) = (callback_digest is null)", name="pushed_under_a_token"),
    CheckConstraint("next_query_at is null or checkout_request_id is not null", name="queried_by_checkout"),
    info={"id_kind": IdKind.PAYMENT_INTENT},
)
Index("ix_mpesa_requests_phone", mpesa_requests.c.phone)
_state: Final = mpesa_requests.c.state
Index("ix_mpesa_requests_waiting", mpesa_requests.c.next_attempt_at, postgresql_where=_state == PushState.WAITING)
Index("ix_mpesa_requests_sending", mpesa_requests.c.claimed_until, postgresql_where=_state == PushState.SENDING)
Index(
    "ix_mpesa_requests_queries",
    mpesa_requests.c.next_query_at,
    postgresql_where=mpesa_requests.c.next_query_at.is_not(None),
)

# The body as it came, about a payment or a payout: what was paid is argued about by it. The same body for the same one
# is kept once.
mpesa_callbacks: Final = Table(
    "mpesa_callbacks",
    metadata,
    id_column(),
    Column("payment_id", Uuid, ForeignKey("mpesa_requests.payment_id")),
    Column("payout_id", Uuid, ForeignKey("payouts.id")),
    Column("kind", EnumText(PayoutCallbackKind)),
    Column("body", LargeBinary, nullable=False),
    Column("body_digest", LargeBinary, nullable=False),
    Column("source", Text, nullable=False),
    Column("request_id", Text, nullable=False),
    instant_column("received_at"),
    Column("state", EnumText(CallbackState), nullable=False),
    Column("outcome", Text),
    Column("attempts", Integer, nullable=False),
    instant_column("next_attempt_at"),
    instant_column("claimed_until", nullable=True),
    UniqueConstraint("payment_id", "body_digest"),
    UniqueConstraint("payout_id", "kind", "body_digest"),
    CheckConstraint("num_nonnulls(payment_id, payout_id) = 1", name="of_one"),
    CheckConstraint("kind in ('RESULT', 'STATUS', 'TIMEOUT')", name="kind_known"),
    CheckConstraint("(payout_id is null) = (kind is null)", name="payouts_have_kinds"),
    CheckConstraint("state in ('WAITING', 'TAKEN', 'REFUSED', 'DEAD')", name="state_known"),
    CheckConstraint("state not in ('TAKEN', 'REFUSED') or outcome is not null", name="decided_says_why"),
)
_is_waiting: Final = mpesa_callbacks.c.state == CallbackState.WAITING
Index(
    "ix_mpesa_callbacks_waiting",
    mpesa_callbacks.c.next_attempt_at,
    postgresql_where=and_(_is_waiting, mpesa_callbacks.c.payment_id.is_not(None)),
)
Index(
    "ix_mpesa_callbacks_payouts_waiting",
    mpesa_callbacks.c.next_attempt_at,
    postgresql_where=and_(_is_waiting, mpesa_callbacks.c.payout_id.is_not(None)),
)
Index(
    "ix_mpesa_callbacks_kept",
    mpesa_callbacks.c.received_at,
    postgresql_where=text("state in ('TAKEN', 'REFUSED') and body <> ''"),
)


def map_mpesa(mappers: registry) -> None:
    """Map prompts; callbacks are rows."""
    mappers.map_imperatively(MpesaRequest, mpesa_requests)
