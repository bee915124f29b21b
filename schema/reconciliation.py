"""Reconciliation of payouts as finance reads it and acts on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Self

import strawberry

from domain.ids import IdKind, UserId, encode_id
from domain.payouts.reconciliation import Discrepancy, DiscrepancyKind, DiscrepancyState, ReconciliationAction, RunState
from domain.payouts.reconciliation import ReconciliationRun as Run
from domain.payouts.state import PayoutRail
from domain.payouts.statement import LineKind
from schema.errors import Payload
from schema.fields import edge
from schema.identity import User
from schema.money import Money
from schema.node import Node

strawberry.enum(RunState, name="ReconciliationRunState", description="Where a day's reconciliation stands.")
strawberry.enum(DiscrepancyKind, name="PayoutDiscrepancyKind", description="How the two sides differ; more may come.")
strawberry.enum(DiscrepancyState, name="PayoutDiscrepancyState", description="Whether somebody has to act.")
strawberry.enum(ReconciliationAction, description="What finance does about a discrepancy; more may come.")


@strawberry.type
class ReconciliationRun(Node):
    """One rail's day: what it says it did beside what is booked. It begins at 02:00 of the market's own next day."""

    rail: PayoutRail
    """Which rail."""
    day: date
    """The rail's day."""
    state: RunState
    """Where it stands."""
    matched_count: int
    """Payments on which both sides agreed when they were compared last."""
    missing_here_count: int
    """Those that the rail did and that were not booked here."""
    missing_there_count: int
    """Those that were booked here and that no statement told of."""
    wrong_amount_count: int
    """Those that both knew, with different amounts."""
    reconciled_at: datetime | None
    """When both sides were compared last."""

    @classmethod
    def of(cls, run: Run) -> Self:
        """Of a run that the caller may see, which was asked before."""
        return cls(
            id=strawberry.ID(run.label),
            rail=run.rail,
            day=run.day,
            state=run.state,
            matched_count=run.matched_count,
            missing_here_count=run.missing_here_count,
            missing_there_count=run.missing_there_count,
            wrong_amount_count=run.wrong_amount_count,
            reconciled_at=run.reconciled_at,
        )


@strawberry.type
class PayoutDiscrepancy(Node):
    """One difference between a rail's word and our record, and what was done about it."""

    resolved_by_key: strawberry.Private[UserId | None]

    kind: DiscrepancyKind
    """How they differ."""
    payout_id: strawberry.ID | None
    """Our side; null where the rail names no payout of ours."""
    line_kind: LineKind | None
    """What the rail says it did; null where it says nothing."""
    reference: str | None
    """The payout's name, as the side says that knows it."""
    number: str | None
    """The rail's number of the payment."""
    amount_there: Money | None
    """How much, as the rail says."""
    state: DiscrepancyState
    """Whether somebody has to act."""
    actions: list[ReconciliationAction]
    """What may be done about it."""
    action: ReconciliationAction | None
    """What was done."""
    reason: str | None
    """Why."""
    resolved_by: User | None = edge(key="resolved_by_key", loader="user")
    """Who did it."""
    resolved_at: datetime | None
    """When."""

    @classmethod
    def of(cls, found: Discrepancy) -> Self:
        """Of a discrepancy that the caller may see, which was asked before."""
        return cls(
            id=strawberry.ID(found.label),
            resolved_by_key=found.resolved_by,
            kind=found.kind,
            payout_id=strawberry.ID(encode_id(IdKind.PAYOUT, found.payout_id)) if found.payout_id else None,
            line_kind=found.line_kind,
            reference=found.reference,
            number=found.number,
            amount_there=Money.of(found.there) if found.there else None,
            state=found.state,
            actions=list(found.actions),
            action=found.action,
            reason=found.reason,
            resolved_at=found.resolved_at,
        )


@strawberry.input
class ReconciliationCompareInput:
    """Which day of which rail is compared now, with the statements that are here."""

    rail: PayoutRail
    """Which rail."""
    day: date
    """A day that is over."""
    idempotency_key: str
    """Your name for this command, 1 to 255 printable characters."""


@strawberry.type
class ReconciliationComparePayload(Payload):
    """The run, compared."""

    run: ReconciliationRun | None = None
    """Null when it was refused."""


@strawberry.input
class ReconciliationResolveInput:
    """What is done about which discrepancy."""

    discrepancy_id: strawberry.ID
    """An open one, of somebody else's payout."""
    action: ReconciliationAction
    """One of its `actions`."""
    reason: str
    """What says so, for the audit trail, 3 to 500 characters; the owner reads it where money comes back."""
    idempotency_key: str
    """Your name for this action, 1 to 255 printable characters; sent again, it is done once."""


@strawberry.type
class ReconciliationResolvePayload(Payload):
    """The discrepancy, closed."""

    discrepancy: PayoutDiscrepancy | None = None
    """Null when it was refused."""
