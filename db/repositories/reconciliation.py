"""Reconciliation, for change: runs, discrepancies, and both sides of a day."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Row, Text, and_, cast, func, literal, or_, select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on

from db.advisory_lock import take_turn
from db.columns import Instant
from db.reads.payout_statements import has_come_back, is_told, said_in
from db.tables.payout_statements import payout_statement_lines, payout_statements
from db.tables.payouts import payout_receipts, payouts
from db.tables.reconciliation import payout_discrepancies, reconciliation_runs
from db.transaction import Transaction
from domain.ids import DiscrepancyId, PayoutId, ReconciliationRunId, new_id
from domain.money import Money
from domain.payouts.errors import DiscrepancyNotFound
from domain.payouts.reconciliation import (
    Discrepancy,
    LineSide,
    PayoutSide,
    ReconciliationRun,
    RunState,
    Unconfirmed,
)
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import LineKind, LineState

_LINE: Final = payout_statement_lines.c
_BY_NUMBER: Final = payout_receipts.alias("by_number")


def turn_of(rail: PayoutRail) -> str:
    """Who compares a day of a rail, and who keeps what it said, do so one after the other."""
    return f"reconciliation {rail}"


class SqlReconciliations:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def run_for_update(self, rail: PayoutRail, day: date, *, at: datetime) -> ReconciliationRun:
        await take_turn(self._transaction, turn_of(rail))
        columns = reconciliation_runs.c
        same = select(ReconciliationRun).where(columns.rail == rail, columns.day == day)
        run: ReconciliationRun | None = await self._transaction.session.scalar(same)
        if run is None:
            run = ReconciliationRun(id=ReconciliationRunId(new_id()), rail=rail, day=day, created_at=at)
            self._transaction.session.add(run)
            await self._transaction.flush()
        return run

    async def first_day(self, rail: PayoutRail) -> date | None:
        earliest = select(func.min(reconciliation_runs.c.day)).where(reconciliation_runs.c.rail == rail)
        day: date | None = await self._transaction.session.scalar(earliest)
        return day

    async def days_since(self, rail: PayoutRail, day: date) -> set[date]:
        columns = reconciliation_runs.c
        days = select(columns.day).where(columns.rail == rail, columns.day >= day)
        return set(await self._transaction.session.scalars(days))

    async def waiting(self, *, since: date, after: ReconciliationRun | None, limit: int) -> list[ReconciliationRun]:
        columns = reconciliation_runs.c
        waiting = (
            select(ReconciliationRun)
            .where(or_(and_(columns.state == RunState.WAITING, columns.day >= since), columns.has_news))
            .order_by(columns.day, columns.id)
            .limit(limit)
        )
        if after is not None:
            waiting = waiting.where(tuple_(columns.day, columns.id) > (after.day, after.id))
        return list(await self._transaction.session.scalars(waiting))

    async def is_being_booked(self, rail: PayoutRail, day: date) -> bool:
        lines = select(1).where(_LINE.rail == rail, _LINE.booked_on == day, _LINE.state == LineState.WAITING)
        return await self._transaction.session.scalar(lines.limit(1)) is not None

    async def lines(self, rail: PayoutRail, day: date) -> list[LineSide]:
        # One payment may stand in several statements, by our name in one and by its number alone in another; each is
        # looked at as it was told first.
        by = _BY_NUMBER.c
        about = func.coalesce(cast(payouts.c.id, Text), _LINE.reference)
        once = (_LINE.kind, _LINE.number, about, _LINE.amount_minor, _LINE.amount_asset)
        told = (
            select(
                payout_statement_lines,
                payouts.c.id.label("our_id"),
                payouts.c.amount_minor.label("our_minor"),
                payouts.c.amount_asset.label("our_asset"),
                payouts.c.state.label("our_state"),
                payout_receipts.c.number.label("our_number"),
                has_come_back().label("has_come_back"),
            )
            .outerjoin(
                _BY_NUMBER, and_(_LINE.reference.is_(None), by.rail == _LINE.rail, by.number == _LINE.payment_number)
            )
            .outerjoin(
                payouts,
                and_(
                    payouts.c.rail == _LINE.rail,
                    or_(payouts.c.sent_as == _LINE.reference, payouts.c.id == by.payout_id),
                ),
            )
            .outerjoin(payout_receipts, payout_receipts.c.payout_id == payouts.c.id)
            .where(_LINE.rail == rail, _LINE.booked_on == day)
            .ext(distinct_on(*once))
            .order_by(*once, _LINE.statement_id, _LINE.place)
        )
        return [_line_side(row) for row in await self._transaction.session.execute(told)]

    async def unconfirmed(self, rail: PayoutRail, *, since: datetime, until: datetime) -> list[Unconfirmed]:
        columns = payouts.c
        paid = (
            select(columns.id, columns.sent_as, payout_receipts.c.number)
            .join(payout_receipts, payout_receipts.c.payout_id == columns.id)
            .where(
                columns.rail == rail,
                columns.state == PayoutState.PAID,
                columns.updated_at >= since,
                columns.updated_at < until,
                ~is_told(LineKind.PAID),
            )
            .order_by(columns.id)
        )
        return [
            Unconfirmed(payout_id=row.id, reference=row.sent_as, number=row.number)
            for row in await self._transaction.session.execute(paid)
        ]

    async def is_confirmed(self, payout_id: PayoutId) -> bool:
        told = select(1).where(payouts.c.id == payout_id, is_told(LineKind.PAID))
        return await self._transaction.session.scalar(told) is not None

    async def is_told_over(self, rail: PayoutRail, *, since: datetime, until: datetime) -> bool:
        columns = payout_statements.c
        told = func.range_agg(func.tstzrange(columns.tells_from, columns.tells_until, "[]"))
        asked = func.tstzrange(literal(since, Instant()), literal(until, Instant()), "[]")
        # Statements that overlap are one: all of what is between their ends is told.
        reach = select(told.op("@>")(asked)).where(columns.rail == rail, columns.tells_from.is_not(None))
        return bool(await self._transaction.session.scalar(reach))

    async def discrepancies(self, run_id: ReconciliationRunId) -> list[Discrepancy]:
        columns = payout_discrepancies.c
        known = select(Discrepancy).where(columns.run_id == run_id).order_by(columns.id).with_for_update()
        return list(await self._transaction.session.scalars(known))

    async def discrepancy_for_update(self, discrepancy_id: DiscrepancyId) -> Discrepancy:
        found = await self._transaction.session.get(Discrepancy, discrepancy_id, with_for_update=True)
        if found is None:
            raise DiscrepancyNotFound
        return found

    async def add(self, discrepancy: Discrepancy) -> None:
        self._transaction.session.add(discrepancy)


def _line_side(row: Row[Any]) -> LineSide:
    ours = None
    if row.our_id is not None:
        ours = PayoutSide(
            payout_id=row.our_id,
            amount=Money(row.our_minor, row.our_asset),
            state=row.our_state,
            number=row.our_number,
            has_come_back=row.has_come_back,
        )
    return LineSide(line_id=row.id, said=said_in(row), payout=ours)
