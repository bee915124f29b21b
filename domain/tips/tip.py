"""A tip: what a customer gave a worker, or is about to give."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import IdKind, PaymentId, PayoutId, TipId, TipQrId, UserId, WorkerId, encode_id
from domain.money import Money
from domain.payments.state import PaymentState
from domain.tips.events import TipGiven, TipUpdated


class TipState(StrEnum):
    """Where a tip stands; the last four are ends."""

    CREATED = "CREATED"
    """Promised; whoever is to pay has not been asked yet."""
    STK_SENT = "STK_SENT"
    """The customer was asked to pay: by M-Pesa, the prompt is on their phone."""
    PAID = "PAID"
    """It is the worker's."""
    CANCELLED = "CANCELLED"
    """The customer did not want to pay it."""
    FAILED = "FAILED"
    """It could not be paid, or not be given any more."""
    EXPIRED = "EXPIRED"
    """Nobody paid in time."""

    @property
    def is_ended(self) -> bool:
        """Whether it stays so."""
        return self not in (TipState.CREATED, TipState.STK_SENT)


@dataclass(eq=False, kw_only=True)
class Tip:
    """From a wallet or by a rail to a wallet, all of it the worker's.

    `payment_id` is what it waits for, if it is paid by a rail; `payout_id` is by which it left, if by its worker's
    rule; `given_at` is when it was promised until it is paid.
    """

    id: TipId
    giver_id: UserId
    worker_id: WorkerId
    worker_user_id: UserId
    qr_id: TipQrId | None
    amount: Money
    note: str | None
    state: TipState = TipState.CREATED
    payment_id: PaymentId | None = None
    payout_id: PayoutId | None = None
    failure: str | None = None
    given_at: datetime
    version: int = 0

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.TIP, self.id)

    @property
    def reference(self) -> str:
        """The natural key of its transfer."""
        return f"tip:{self.label}:completed"

    def pay(self, *, at: datetime) -> TipUpdated:
        """It is the worker's now."""
        self.given_at = at
        return self._become(TipState.PAID)

    def fail(self, failure: str) -> TipUpdated:
        """It will not be given, for this reason."""
        self.failure = failure
        return self._become(TipState.FAILED)

    def follow(self, payment: PaymentState, *, failure: str | None) -> TipUpdated:
        """Its payment has gone on so far, short of being paid."""
        match payment:
            case PaymentState.AWAITING_PAYER:
                return self._become(TipState.STK_SENT)
            case PaymentState.CANCELLED:
                return self._become(TipState.CANCELLED)
            case PaymentState.EXPIRED:
                return self._become(TipState.EXPIRED)
            case _:
                assert payment is PaymentState.FAILED, "what is paid is completed"
                assert failure is not None, "a payment says why it failed"
                return self.fail(failure)

    @property
    def given(self) -> TipGiven:
        """For its worker."""
        return TipGiven(
            tip_id=self.id,
            worker_id=self.worker_id,
            worker_user_id=self.worker_user_id,
            amount=self.amount,
            note=self.note,
            qr_id=self.qr_id,
        )

    @property
    def told(self) -> TipUpdated:
        """The tip as it is, for who gives it."""
        return TipUpdated(
            tip_id=self.id,
            giver_id=self.giver_id,
            worker_id=self.worker_id,
            amount=self.amount,
            state=self.state.value,
            failure=self.failure,
            tip_version=self.version,
        )

    def _become(self, state: TipState) -> TipUpdated:
        assert not self.state.is_ended, "a tip ends once"
        self.state = state
        self.version += 1
        return self.told
