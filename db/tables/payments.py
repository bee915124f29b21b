"""What should be paid, what proves that it was, and what it becomes."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    Uuid,
)
from sqlalchemy.orm import composite, registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.payments.bank_transfer import BankTransfer
from domain.payments.intent import PaymentIntent
from domain.payments.state import PaymentState, Purpose, Rail
from domain.wallets.top_up import TopUp

OPEN: Final = (PaymentState.REQUESTED, PaymentState.AWAITING_PAYER)

payment_intents: Final = Table(
    "payment_intents",
    metadata,
    id_column(),
    Column("payer_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("purpose", EnumText(Purpose), nullable=False),
    Column("rail", EnumText(Rail), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    Column("state", EnumText(PaymentState), nullable=False),
    Column("provider_reference", Text),
    Column("receipt_number", Text),
    Column("failure", Text),
    instant_column("created_at"),
    instant_column("updated_at"),
    instant_column("expires_at"),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint(
        "state in ('REQUESTED', 'AWAITING_PAYER', 'PAID', 'CANCELLED', 'FAILED', 'EXPIRED')", name="state_known"
    ),
    CheckConstraint("(state = 'PAID') = (receipt_number is not null)", name="paid_by_receipt"),
    CheckConstraint("state <> 'FAILED' or failure is not null", name="failed_says_why"),
    info={"id_kind": IdKind.PAYMENT_INTENT},
)
Index(
    "uq_payment_intents_provider_reference",
    payment_intents.c.rail,
    payment_intents.c.provider_reference,
    unique=True,
    postgresql_where=payment_intents.c.provider_reference.is_not(None),
)
Index("ix_payment_intents_payer", payment_intents.c.payer_id, payment_intents.c.created_at, payment_intents.c.id)
Index(
    "ix_payment_intents_open",
    payment_intents.c.expires_at,
    postgresql_where=payment_intents.c.state.in_(OPEN),
)

# One row for each proof that money arrived: its number is used once, whatever it was given for.
payment_receipts: Final = Table(
    "payment_receipts",
    metadata,
    Column("rail", EnumText(Rail), nullable=False),
    Column("number", Text, nullable=False),
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    instant_column("received_at"),
    PrimaryKeyConstraint("rail", "number"),
)
Index("ix_payment_receipts_payment_id", payment_receipts.c.payment_id)

bank_transfers: Final = Table(
    "bank_transfers",
    metadata,
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), primary_key=True),
    Column("reference", Text, nullable=False, unique=True),
    Column("account", Text, nullable=False),
    Column("proof_id", Uuid, ForeignKey("uploads.id")),
    instant_column("proved_at", nullable=True),
    Column("decided_by", Uuid, ForeignKey("users.id")),
    instant_column("decided_at", nullable=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("(proof_id is null) = (proved_at is null)", name="proved_by_file"),
    CheckConstraint("(decided_by is null) = (decided_at is null)", name="decided_by_person"),
    info={"id_kind": IdKind.PAYMENT_INTENT},
)
Index(
    "ix_bank_transfers_queue",
    bank_transfers.c.proved_at,
    bank_transfers.c.payment_id,
    postgresql_where=bank_transfers.c.decided_at.is_(None),
)

top_ups: Final = Table(
    "top_ups",
    metadata,
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), primary_key=True),
    Column("result_minor", BigInteger, nullable=False),
    Column("result_asset", EnumText(Asset), nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("amount_rate_id", Uuid, ForeignKey("exchange_rates.id")),
    Column("result_rate_id", Uuid, ForeignKey("exchange_rates.id")),
    Column("words", Text, nullable=False),
    CheckConstraint("result_minor > 0", name="result_positive"),
    CheckConstraint("fee_minor between 0 and value_minor", name="fee_within_value"),
    info={"id_kind": IdKind.PAYMENT_INTENT},
)


def map_payments(mappers: registry) -> None:
    """Map intents, bank transfers and top-ups; receipts are rows of the driver."""
    mappers.map_imperatively(
        PaymentIntent,
        payment_intents,
        version_id_col=payment_intents.c.version,
        version_id_generator=False,
        properties={
            "_amount_minor": payment_intents.c.amount_minor,
            "_amount_asset": payment_intents.c.amount_asset,
            "amount": composite(Money, payment_intents.c.amount_minor, payment_intents.c.amount_asset),
        },
    )
    mappers.map_imperatively(
        BankTransfer, bank_transfers, version_id_col=bank_transfers.c.version, version_id_generator=False
    )
    mappers.map_imperatively(
        TopUp,
        top_ups,
        properties={
            "_result_minor": top_ups.c.result_minor,
            "_result_asset": top_ups.c.result_asset,
            "result": composite(Money, top_ups.c.result_minor, top_ups.c.result_asset),
        },
    )
