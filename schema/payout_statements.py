"""Statements about payouts as finance brings and reads them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

import strawberry
from strawberry.file_uploads import Upload as FileUpload

from domain.ids import IdKind, UserId, encode_id
from domain.payouts.state import PayoutRail
from domain.payouts.statement import KeptLine, LineKind, LineState
from domain.payouts.statement import PayoutStatement as Kept
from schema.errors import Payload
from schema.fields import edge
from schema.identity import User
from schema.money import Money
from schema.node import Node

strawberry.enum(LineKind, name="PayoutStatementLineKind", description="What a rail says it did with one payout.")
strawberry.enum(LineState, name="PayoutStatementLineState", description="What became of a line here; more may come.")


@strawberry.type
class PayoutStatement(Node):
    """What a rail says that it did with payouts, as it came."""

    submitted_by_key: strawberry.Private[UserId | None]

    rail: PayoutRail
    """Which rail says so."""
    lines_count: int
    """How many payments it speaks of, 1 to 2000."""
    sha256: str
    """The digest of its bytes, in hexadecimal digits; the same bytes are the same statement."""
    submitted_by: User | None = edge(key="submitted_by_key", loader="user")
    """Who brought it; null where the rail was asked."""
    received_at: datetime
    """When it came."""

    @classmethod
    def of(cls, statement: Kept) -> Self:
        """Of a statement that the caller may see, which was asked before."""
        return cls(
            id=strawberry.ID(statement.label),
            submitted_by_key=statement.submitted_by,
            rail=statement.rail,
            lines_count=statement.lines_count,
            sha256=statement.sha256,
            received_at=statement.received_at,
        )


@strawberry.type
class PayoutStatementLine:
    """One payment as a rail tells of it, and what became of that here."""

    place: int
    """Its place in the statement, from 0."""
    kind: LineKind
    """What the rail did."""
    reference: str | None
    """Our name of the payout, where the line has one."""
    number: str
    """The rail's own number of the payment."""
    amount: Money
    """How much, as the rail says."""
    booked_on: date
    """The rail's day."""
    words: str
    """Why it was refused or came back; empty where nothing is said."""
    state: LineState
    """What became of it here."""
    payout_id: strawberry.ID | None
    """The payout that it is about, once it was looked at."""

    @classmethod
    def of(cls, line: KeptLine) -> Self:
        """Of a line that the caller may see, which was asked before."""
        said = line.said
        return cls(
            place=line.place,
            kind=said.kind,
            reference=said.reference,
            number=said.number,
            amount=Money.of(said.amount),
            booked_on=said.booked_on,
            words=said.words,
            state=line.state,
            payout_id=strawberry.ID(encode_id(IdKind.PAYOUT, line.payout_id)) if line.payout_id else None,
        )


@strawberry.input
class PayoutStatementSubmitInput:
    """A rail's statement. The same file again is the same statement, so it needs no other name."""

    file: FileUpload
    """The bank's: camt.053 of version 2 to 8, or a table with the columns reference, number, amount, currency,
    booked_on, status (PAID, REFUSED or RETURNED) and reason. M-Pesa's: the organisation's statement as its portal
    exports it, of days that are over. UTF-8, at most 10 MiB."""
    rail: PayoutRail = PayoutRail.BANK_TRANSFER
    """Whose statement it is: BANK_TRANSFER or MPESA."""


@strawberry.type
class PayoutStatementSubmitPayload(Payload):
    """The statement, whose lines are booked within seconds."""

    statement: PayoutStatement | None = None
    """Null when it was refused."""
