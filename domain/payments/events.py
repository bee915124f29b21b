"""What happens to payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.ids import DisputeId, IdKind, PaymentId, UserId, encode_id
from domain.money import Money
from domain.payments.state import PaymentState, Purpose, Rail


@dataclass(frozen=True, kw_only=True)
class PaymentEvent:
    """Whose payment it is."""

    payment_id: PaymentId
    payer_id: UserId

    @property
    def subject(self) -> str:
        """The payment."""
        return encode_id(IdKind.PAYMENT_INTENT, self.payment_id)


@dataclass(frozen=True, kw_only=True)
class PaymentUpdated(PaymentEvent, Event):
    """The payment as it is from then on."""

    name: ClassVar[str] = "payment.updated"

    purpose: Purpose
    rail: Rail
    amount: Money
    state: PaymentState
    failure: str | None
    receipt_number: str | None
    expires_at: datetime
    payment_version: int


@dataclass(frozen=True, kw_only=True)
class PaymentCredited(PaymentEvent, Event):
    """What it was for could not be given any more when the money came, so it was credited to the payer's wallet."""

    name: ClassVar[str] = "payment.credited"

    amount: Money
    receipt_number: str


@dataclass(frozen=True, kw_only=True)
class PaymentArrivedLate(PaymentEvent, Event):
    """Money came for a payment that had ended otherwise; it was credited to the payer's wallet."""

    name: ClassVar[str] = "payment.arrived_late"

    amount: Money
    receipt_number: str


@dataclass(frozen=True, kw_only=True)
class PaymentDisputed(Event):
    """A payer's bank asks for the money of a payment back, or that stands otherwise than before."""

    name: ClassVar[str] = "payment.disputed"

    payment_id: PaymentId
    dispute_id: DisputeId
    amount: Money
    reason: str
    status: str

    @property
    def subject(self) -> str:
        """The payment."""
        return encode_id(IdKind.PAYMENT_INTENT, self.payment_id)
