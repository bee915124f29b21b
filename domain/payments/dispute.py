"""Disputes: a payer's bank asks for money back that an acquirer took. Finance reads of it; no money moves by it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import DisputeId, PaymentId
from domain.money import Money
from domain.payments.acquirer import DisputeView
from domain.payments.events import PaymentDisputed
from domain.payments.state import Rail


@dataclass(eq=False, kw_only=True)
class Dispute:
    """One dispute. `reason` and `status` are the acquirer's own words."""

    id: DisputeId
    payment_id: PaymentId
    rail: Rail
    provider_id: str
    amount: Money
    reason: str
    status: str
    opened_at: datetime
    told_at: datetime

    def follow(self, view: DisputeView) -> bool:
        """It stands so from now on; False when as much was known."""
        if view.told_at < self.told_at or (view.status, view.reason) == (self.status, self.reason):
            return False
        self.status, self.reason, self.told_at = view.status, view.reason, view.told_at
        return True

    @property
    def told(self) -> PaymentDisputed:
        """For those who are told."""
        return PaymentDisputed(
            payment_id=self.payment_id,
            dispute_id=self.id,
            amount=self.amount,
            reason=self.reason,
            status=self.status,
        )
