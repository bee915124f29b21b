"""A payout: money of a person on its way to their own account elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import IdKind, PayoutId, UserId, encode_id
from domain.money import Money
from domain.payouts.errors import PayoutAlreadyDecided, PayoutNotPaid, PayoutNotUnderWay, SecondPersonNeeded
from domain.payouts.events import PayoutUpdated
from domain.payouts.state import PayoutRail, PayoutState


@dataclass(eq=False, kw_only=True)
class Payout:
    """What leaves, where to, and who let it. `destination` is personal and kept sealed.

    `sent_as` is the name under which the rail knows it: made and stored before the rail is asked, and never changed, so
    that however often it is asked it pays once. `sent_at` is when it first was (not known of old ones), and `asked_at`
    when it was last asked what became of it.

    `rail_reference` is the rail's own name for it, where it gave one. `contradicted_by` is the number of a payment that
    the rail told of after it had said that there would be none: its owner has the money twice until finance settles it.
    """

    id: PayoutId
    owner_id: UserId
    amount: Money
    value_minor: int
    rail: PayoutRail
    sealed_destination: bytes
    destination_hint: str
    needs_two_persons: bool
    is_by_rule: bool = False
    state: PayoutState = PayoutState.HELD
    first_approved_by: UserId | None = None
    decided_by: UserId | None = None
    sent_as: str | None = None
    receipt_number: str | None = None
    failure: str | None = None
    rail_reference: str | None = None
    contradicted_by: str | None = None
    asked_at: datetime | None = None
    sent_at: datetime | None = None
    requested_at: datetime
    updated_at: datetime
    version: int = 0

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.PAYOUT, self.id)

    @property
    def sealed_about(self) -> str:
        """What its destination is sealed for."""
        return f"payout destination {self.id}"

    @property
    def hold_reference(self) -> str:
        """The natural key of what is set aside for it."""
        return f"payout:{self.label}:held"

    def approve(self, *, by: UserId, at: datetime) -> PayoutUpdated:
        """Let it leave; a large one when a second person approves.

        Raises:
            PayoutAlreadyDecided: it no longer waits.
            SecondPersonNeeded: the same person approved it before.
        """
        self._require(PayoutState.HELD)
        if self.needs_two_persons and self.first_approved_by is None:
            self.first_approved_by = by
            return self._become(PayoutState.HELD, at)
        if self.first_approved_by == by:
            raise SecondPersonNeeded
        self.decided_by = by
        return self._become(PayoutState.APPROVED, at)

    def let_leave(self, *, at: datetime) -> PayoutUpdated:
        """Its owner's rule asked for it, and it is so small that nobody decides. Raises PayoutAlreadyDecided."""
        self._require(PayoutState.HELD)
        assert self.is_by_rule, "what a person asks for, a person approves"
        assert not self.needs_two_persons, "a large one is approved"
        return self._become(PayoutState.APPROVED, at)

    def reject(self, reason: str, *, by: UserId, at: datetime) -> PayoutUpdated:
        """Keep it here, as long as it was not sent. Raises PayoutAlreadyDecided."""
        self._require(PayoutState.HELD, PayoutState.APPROVED)
        self.decided_by, self.failure = by, reason
        return self._become(PayoutState.REJECTED, at)

    def shut_out(self, *, at: datetime) -> PayoutUpdated:
        """Its owner may never act again. Raises PayoutAlreadyDecided."""
        self._require(PayoutState.APPROVED)
        self.failure = "This account is blocked."
        return self._become(PayoutState.REJECTED, at)

    def send(self, *, at: datetime) -> PayoutUpdated:
        """Its rail will be asked. From here on only the rail, or finance, says what became of it."""
        self._require(PayoutState.APPROVED)
        self.sent_as = self.label
        # It may have taken what it then said that it did not take.
        self.sent_at = self.sent_at or at
        return self._become(PayoutState.SENDING, at)

    def put_back(self, *, at: datetime) -> PayoutUpdated:
        """Its rail took nothing: it will be asked again, under the same name. Raises PayoutNotUnderWay."""
        self.require_under_way()
        self.sent_as = self.rail_reference = None
        return self._become(PayoutState.APPROVED, at)

    def lose_sight(self, *, at: datetime) -> PayoutUpdated:
        """The rail did not say. Raises PayoutNotUnderWay."""
        self.require_under_way()
        return self._become(PayoutState.UNKNOWN, at)

    def pay(self, receipt_number: str, *, at: datetime) -> PayoutUpdated:
        """It left. Raises PayoutNotUnderWay."""
        self.require_under_way()
        self.receipt_number = receipt_number
        return self._become(PayoutState.PAID, at)

    def fail(self, failure: str, *, at: datetime) -> PayoutUpdated:
        """It did not leave, and will not. Raises PayoutNotUnderWay."""
        self.require_under_way()
        self.failure = failure
        return self._become(PayoutState.FAILED, at)

    def contradict(self, receipt_number: str, *, at: datetime) -> PayoutUpdated:
        """It was given back, and now its rail says that it left: finance has to see to it."""
        assert self.state.was_given_back, "only what was given back can be paid twice"
        self.contradicted_by = receipt_number
        return self._become(self.state, at)

    def require_contradicted(self) -> None:
        """Raises PayoutNotUnderWay unless its rail told it both ways."""
        if self.contradicted_by is None:
            raise PayoutNotUnderWay(self.state)

    def pay_after_all(self, receipt_number: str, *, at: datetime) -> PayoutUpdated:
        """It did leave. Raises PayoutNotUnderWay unless its rail told it both ways."""
        self.require_contradicted()
        self.contradicted_by = self.failure = None
        self.sent_as, self.receipt_number = self.label, receipt_number
        return self._become(PayoutState.PAID, at)

    def fail_after_all(self, failure: str, *, at: datetime) -> PayoutUpdated:
        """It did not leave. Raises PayoutNotUnderWay unless its rail told it both ways."""
        self.require_contradicted()
        self.contradicted_by, self.failure = None, failure
        return self._become(self.state, at)

    def bring_back(self, reason: str, *, at: datetime) -> PayoutUpdated:
        """What was booked as paid is here. Raises PayoutNotPaid."""
        self.require_paid()
        self.failure = reason
        return self._become(PayoutState.RETURNED, at)

    def require_paid(self) -> None:
        """Raises PayoutNotPaid unless it is booked as paid."""
        if self.state is not PayoutState.PAID:
            raise PayoutNotPaid(self.state)

    @property
    def told(self) -> PayoutUpdated:
        """The payout as it is, for those who listen."""
        return PayoutUpdated(
            payout_id=self.id,
            owner_id=self.owner_id,
            amount=self.amount,
            rail=self.rail,
            state=self.state,
            failure=self.failure,
            receipt_number=self.receipt_number,
            contradicted_by=self.contradicted_by,
            payout_version=self.version,
        )

    def _become(self, state: PayoutState, at: datetime) -> PayoutUpdated:
        self.state, self.updated_at = state, at
        self.version += 1
        return self.told

    def _require(self, *states: PayoutState) -> None:
        if self.state not in states:
            raise PayoutAlreadyDecided(self.state)

    def require_under_way(self) -> None:
        """Raises PayoutNotUnderWay unless its rail may have it."""
        if not self.state.is_under_way:
            raise PayoutNotUnderWay(self.state)
