"""A payment intent: what a person should pay, by which rail, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from domain.ids import PaymentId, UserId
from domain.ledger import chart
from domain.ledger.account import AccountRef
from domain.money import Money
from domain.payments.errors import PaymentAlreadyEnded, PaymentMismatch
from domain.payments.events import PaymentUpdated
from domain.payments.state import PaymentState, Purpose, Rail

VALID_FOR: Final[Mapping[Rail, timedelta]] = MappingProxyType(
    {
        Rail.BANK_TRANSFER: timedelta(hours=72),
        Rail.MPESA: timedelta(minutes=15),
        Rail.CARD: timedelta(hours=1),
        Rail.PAYPAL: timedelta(hours=1),
        Rail.RAZORPAY: timedelta(hours=1),
    }
)
"""How long a payment is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """The proof that money arrived. `number` is the rail's own, unique among its receipts."""

    payment_id: PaymentId
    rail: Rail
    amount: Money
    number: str


@dataclass(eq=False, kw_only=True)
class PaymentIntent:
    """What should be paid. It ends once; what arrives afterwards is the payer's and goes to their wallet.

    `provider_reference` is what the rail calls the payment: a checkout id, or the reference that a bank transfer bears.
    """

    id: PaymentId
    payer_id: UserId
    purpose: Purpose
    rail: Rail
    amount: Money
    state: PaymentState = PaymentState.REQUESTED
    provider_reference: str | None = None
    receipt_number: str | None = None
    failure: str | None = None
    created_at: datetime
    updated_at: datetime
    expires_at: datetime
    version: int = 0

    @property
    def account(self) -> AccountRef:
        """Where its money comes from."""
        return chart.rail(self.rail.value.lower(), self.amount.asset)

    def await_payer(self, *, provider_reference: str, at: datetime) -> PaymentUpdated:
        """The rail knows of it; now the payer acts. Raises PaymentAlreadyEnded."""
        self._require_open()
        self.provider_reference = provider_reference
        return self._become(PaymentState.AWAITING_PAYER, at)

    def require_match(self, receipt: Receipt) -> None:
        """Refuse a receipt of another rail, asset or amount than was asked for. Raises PaymentMismatch."""
        if (receipt.rail, receipt.amount) != (self.rail, self.amount):
            raise PaymentMismatch

    def pay(self, receipt: Receipt, *, at: datetime) -> PaymentUpdated:
        """The money is there. Raises PaymentAlreadyEnded, PaymentMismatch."""
        self.require_match(receipt)
        self._require_open()
        self.receipt_number = receipt.number
        return self._become(PaymentState.PAID, at)

    def fail(self, failure: str, *, at: datetime) -> PaymentUpdated:
        """It will not be paid, for this reason. Raises PaymentAlreadyEnded."""
        self._require_open()
        self.failure = failure
        return self._become(PaymentState.FAILED, at)

    def cancel(self, *, at: datetime) -> PaymentUpdated:
        """The payer does not want it. Raises PaymentAlreadyEnded."""
        self._require_open()
        return self._become(PaymentState.CANCELLED, at)

    def expire(self, *, at: datetime) -> PaymentUpdated:
        """Its time is over. Raises PaymentAlreadyEnded."""
        self._require_open()
        return self._become(PaymentState.EXPIRED, at)

    @property
    def told(self) -> PaymentUpdated:
        """The intent as it is, for those who listen."""
        return PaymentUpdated(
            payment_id=self.id,
            payer_id=self.payer_id,
            purpose=self.purpose,
            rail=self.rail,
            amount=self.amount,
            state=self.state,
            failure=self.failure,
            receipt_number=self.receipt_number,
            expires_at=self.expires_at,
            payment_version=self.version,
        )

    def _become(self, state: PaymentState, at: datetime) -> PaymentUpdated:
        self.state, self.updated_at = state, at
        self.version += 1
        return self.told

    def _require_open(self) -> None:
        if self.state.is_ended:
            raise PaymentAlreadyEnded(self.state)
