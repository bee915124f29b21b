"""A statement: what a rail says that it did with payouts, line by line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from domain.ids import IdKind, PayoutId, PayoutStatementId, UploadId, UserId, encode_id
from domain.money import Money
from domain.payouts.state import PayoutRail


class LineKind(StrEnum):
    """What a rail says it did with one payout."""

    PAID = "PAID"
    """It left."""
    REFUSED = "REFUSED"
    """It did not leave."""
    RETURNED = "RETURNED"
    """It left, and came back."""


class LineState(StrEnum):
    """What became of a line here; all but the first are ends."""

    WAITING = "WAITING"
    """It is looked at within seconds."""
    SETTLED = "SETTLED"
    """The payout was paid by it."""
    FAILED = "FAILED"
    """The payout failed by it; its money is available again."""
    KNOWN = "KNOWN"
    """It says what is booked already."""
    NOT_OURS = "NOT_OURS"
    """It names no payout that was sent by this rail, and its number has settled none."""
    WRONG_AMOUNT = "WRONG_AMOUNT"
    """It names another amount or asset than the payout has: nothing is booked."""
    NUMBER_USED = "NUMBER_USED"
    """Its number has settled another payout: nothing is booked."""
    CONTRADICTION = "CONTRADICTION"
    """The payout had ended otherwise, or under another number: nothing is booked."""
    OWN_ACCOUNT = "OWN_ACCOUNT"
    """The payout is of the person who brought the statement: somebody else has to."""
    INVOLVED = "INVOLVED"
    """It says that a large payout did not leave, or came back, and who brought it let the payout leave: somebody else
    acts on the discrepancy."""
    DEAD = "DEAD"
    """It could not be booked in twelve attempts, and somebody has to look."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """A line as the rail wrote it. `reference` is our name of the payout where the line has one; `number` is the rail's
    own, one for each payment; `booked_on` is the rail's day.

    `payment_number` is the number of the payment that left, where the rail tells of payments by its numbers alone: a
    line without a reference is about the payout that this number has settled.
    """

    kind: LineKind
    reference: str | None
    number: str
    amount: Money
    booked_on: date
    words: str
    payment_number: str | None = None


@dataclass(frozen=True, slots=True)
class SaidStatement:
    """What a rail says at once. `tells_from` and `tells_until` are the instants of its oldest and newest payment, where
    a rail tells instants: what it says nothing of between them, it did not pay; beyond them it may have.
    """

    lines: Sequence[SaidLine]
    tells_from: datetime | None = None
    tells_until: datetime | None = None


@dataclass(eq=False, kw_only=True)
class PayoutStatement:
    """Lines that came together: in a file that somebody brought, or from a rail that was asked. `tells_from` and
    `tells_until` as in what was said.
    """

    id: PayoutStatementId
    rail: PayoutRail
    sha256: str
    lines_count: int
    submitted_by: UserId | None
    upload_id: UploadId | None
    received_at: datetime
    tells_from: datetime | None = None
    tells_until: datetime | None = None

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.PAYOUT_STATEMENT, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptLine:
    """A line as it is kept, with what became of it."""

    id: UUID
    place: int
    said: SaidLine
    state: LineState
    payout_id: PayoutId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedLine:
    """A line that is ours to book until the lease ends. `attempt` counts this one and names the claim."""

    id: UUID
    attempt: int
    statement_id: PayoutStatementId
    rail: PayoutRail
    said: SaidLine


class StatementReader(Protocol):
    """Reads the files by which a rail tells what it did. Computes, and asks nobody."""

    def read(self, content: bytes) -> SaidStatement:
        """The lines about money that left or came back, in the order in which that happened, or else in the file's.

        Raises:
            InvalidInput: at `file`, no statement that we read, or one that says something twice or nothing.
        """
        ...


class PayoutStatements(Protocol):
    """Statements and their lines."""

    async def find_same(self, rail: PayoutRail, sha256: str) -> PayoutStatement | None:
        """The statement with the same bytes, if it came before; whoever brings it meanwhile waits here."""
        ...

    async def add(self, statement: PayoutStatement, lines: Sequence[SaidLine]) -> None:
        """Keep a new statement; its lines wait, in their order. Runs of their days have news, and so have those whose
        open discrepancies are about what they tell of.
        """
        ...

    async def claim_waiting(self, *, limit: int, lease_seconds: int) -> list[ClaimedLine]:
        """Lines that wait, the longest waiting first; nobody else is given them until the lease ends."""
        ...

    async def submitter_of(self, statement_id: PayoutStatementId) -> UserId | None:
        """Who brought it; nobody where a rail was asked."""
        ...

    async def has_come_back(self, payout_id: PayoutId) -> bool:
        """Whether a line of any day says that all of this payout came back."""
        ...

    async def note_done(self, line: ClaimedLine, state: LineState, payout_id: PayoutId | None) -> None:
        """What became of a line."""
        ...

    async def note_failed(self, line: ClaimedLine) -> None:
        """It could not be booked: later again."""
        ...
