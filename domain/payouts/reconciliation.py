"""Reconciliation: what a rail says of a day beside what is booked here, and what a person does about the difference."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.ids import DiscrepancyId, IdKind, PayoutId, ReconciliationRunId, UserId, encode_id
from domain.money import Asset, Money
from domain.payouts.errors import ActionNotOpen, DiscrepancyAlreadyClosed
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import LineKind, SaidLine


class RunState(StrEnum):
    """Where a day's reconciliation stands."""

    WAITING = "WAITING"
    """The rail's statement of the day is not here yet."""
    DONE = "DONE"
    """Both sides were compared; a later statement has it compared again."""


class DiscrepancyKind(StrEnum):
    """How the two sides differ."""

    MISSING_HERE = "MISSING_HERE"
    """The rail did it, and it is not booked here."""
    MISSING_THERE = "MISSING_THERE"
    """It is booked here as paid, and no statement tells of it."""
    WRONG_AMOUNT = "WRONG_AMOUNT"
    """Both know it, with different amounts or assets."""


class DiscrepancyState(StrEnum):
    """Whether somebody has to act."""

    OPEN = "OPEN"
    """Finance decides what becomes of it."""
    RESOLVED = "RESOLVED"
    """Finance acted."""
    CLEARED = "CLEARED"
    """A later comparison found both sides to agree."""


class ReconciliationAction(StrEnum):
    """What finance does about a discrepancy."""

    SETTLE = "SETTLE"
    """The payout left as the rail says: it is PAID under the rail's number, with its own amount."""
    FAIL = "FAIL"
    """It did not leave, or came back before it was booked: it is FAILED, and its money available again."""
    RETURN = "RETURN"
    """It is booked as paid, and did not leave or came back: its money goes back into the wallet. Where no statement
    tells of it, one has to reach over the time in which it would have left."""
    NOTE = "NOTE"
    """Nothing is booked; the reason says why that is right."""


@dataclass(eq=False, kw_only=True)
class ReconciliationRun:
    """One rail's day. `has_news`: a statement told of it, or of what differed, since it was last compared."""

    id: ReconciliationRunId
    rail: PayoutRail
    day: date
    state: RunState = RunState.WAITING
    matched_count: int = 0
    missing_here_count: int = 0
    missing_there_count: int = 0
    wrong_amount_count: int = 0
    created_at: datetime
    reconciled_at: datetime | None = None
    has_news: bool = False

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.RECONCILIATION_RUN, self.id)


@dataclass(eq=False, kw_only=True)
class Discrepancy:
    """One difference, kept for good. `line_id` is the rail's side, `payout_id` ours; one may be missing."""

    id: DiscrepancyId
    run_id: ReconciliationRunId
    kind: DiscrepancyKind
    line_id: UUID | None
    line_kind: LineKind | None
    payout_id: PayoutId | None
    reference: str | None
    number: str | None
    there_minor: int | None
    there_asset: Asset | None
    state: DiscrepancyState = DiscrepancyState.OPEN
    action: ReconciliationAction | None = None
    reason: str | None = None
    resolved_by: UserId | None = None
    resolved_at: datetime | None = None
    version: int = 0

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.DISCREPANCY, self.id)

    @property
    def there(self) -> Money | None:
        """How much, as the rail says."""
        if self.there_minor is None or self.there_asset is None:
            return None
        return Money(self.there_minor, self.there_asset)

    @property
    def actions(self) -> tuple[ReconciliationAction, ...]:
        """What finance may do about it, if the payout still stands as it did."""
        # Giving back gives all of it, whatever came back.
        is_of_part = self.kind is DiscrepancyKind.WRONG_AMOUNT and self.line_kind is not LineKind.PAID
        if self.payout_id is None or is_of_part:
            return (ReconciliationAction.NOTE,)
        match self.line_kind:
            case None:
                own: tuple[ReconciliationAction, ...] = (ReconciliationAction.RETURN,)
            case LineKind.PAID:
                own = (ReconciliationAction.SETTLE,)
            case LineKind.REFUSED:
                own = (ReconciliationAction.FAIL,)
            case LineKind.RETURNED:
                own = (ReconciliationAction.FAIL, ReconciliationAction.RETURN)
        return (*own, ReconciliationAction.NOTE)

    def resolve(self, action: ReconciliationAction, reason: str, *, by: UserId, at: datetime) -> None:
        """Somebody acted.

        Raises:
            DiscrepancyAlreadyClosed: it is not open any more.
            ActionNotOpen: this cannot be done about it.
        """
        if self.state is not DiscrepancyState.OPEN:
            raise DiscrepancyAlreadyClosed
        if action not in self.actions:
            raise ActionNotOpen
        self.state, self.action, self.reason = DiscrepancyState.RESOLVED, action, reason
        self.resolved_by, self.resolved_at = by, at
        self.version += 1

    def reopen(self) -> None:
        """They differ again."""
        self.state = DiscrepancyState.OPEN
        self.version += 1

    def clear(self) -> None:
        """Both sides agree now."""
        self.state = DiscrepancyState.CLEARED
        self.version += 1


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutSide:
    """Our side of a line: the payout that it names; `has_come_back` is what the rail says of it on any day."""

    payout_id: PayoutId
    amount: Money
    state: PayoutState
    number: str | None
    has_come_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LineSide:
    """The rail's side, with ours where there is one."""

    line_id: UUID
    said: SaidLine
    payout: PayoutSide | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unconfirmed:
    """A payout that is booked as paid on the day, of which no line tells."""

    payout_id: PayoutId
    reference: str
    number: str


class Reconciliations(Protocol):
    """Runs and discrepancies, and both sides of a day."""

    async def run_for_update(self, rail: PayoutRail, day: date, *, at: datetime) -> ReconciliationRun:
        """The run of this rail and day, made if there is none; one command at a time has a rail's runs, and a statement
        of the rail that is being kept is waited for.
        """
        ...

    async def first_day(self, rail: PayoutRail) -> date | None:
        """The earliest day of which there is a run."""
        ...

    async def days_since(self, rail: PayoutRail, day: date) -> set[date]:
        """The days, from this one on, of which there is a run."""
        ...

    async def waiting(self, *, since: date, after: ReconciliationRun | None, limit: int) -> list[ReconciliationRun]:
        """Runs that wait, of this day or later, and those of whatever day that have news; the earliest day first, from
        the one that follows `after` on.
        """
        ...

    async def is_being_booked(self, rail: PayoutRail, day: date) -> bool:
        """Whether lines of the day still wait to be booked."""
        ...

    async def lines(self, rail: PayoutRail, day: date) -> list[LineSide]:
        """What statements say of the day, each payment once however many statements tell of it."""
        ...

    async def unconfirmed(self, rail: PayoutRail, *, since: datetime, until: datetime) -> list[Unconfirmed]:
        """Payouts that ended PAID in this time, of which no line of any day says so."""
        ...

    async def is_confirmed(self, payout_id: PayoutId) -> bool:
        """Whether a line of any day says that this payout left."""
        ...

    async def is_told_over(self, rail: PayoutRail, *, since: datetime, until: datetime) -> bool:
        """Whether what the rail said reaches over the whole of this time."""
        ...

    async def discrepancies(self, run_id: ReconciliationRunId) -> list[Discrepancy]:
        """Those of a run, locked."""
        ...

    async def discrepancy_for_update(self, discrepancy_id: DiscrepancyId) -> Discrepancy:
        """The discrepancy, locked. Raises DiscrepancyNotFound."""
        ...

    async def add(self, discrepancy: Discrepancy) -> None:
        """Keep a new one."""
        ...


class StatementSource(Protocol):
    """A rail that can be asked what it did. Asked outside every transaction."""

    async def lines_of(self, day: date) -> list[SaidLine] | None:
        """What it did on a day; None while it does not know yet.

        Raises:
            GatewayFault: it did not say.
        """
        ...
