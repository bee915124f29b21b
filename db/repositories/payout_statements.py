"""What rails say that they did with payouts, for change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import insert, or_, select, update

from db.advisory_lock import take_turn
from db.reads.payout_statements import has_come_back, said_in
from db.repositories.reconciliation import turn_of
from db.tables.payout_statements import payout_statement_lines, payout_statements
from db.tables.payouts import payouts
from db.tables.reconciliation import payout_discrepancies, reconciliation_runs
from db.transaction import Transaction
from db.work_queue import WorkQueue
from domain.ids import PayoutId, PayoutStatementId, UserId, new_id
from domain.payouts.reconciliation import DiscrepancyState
from domain.payouts.state import PayoutRail
from domain.payouts.statement import ClaimedLine, LineState, PayoutStatement, SaidLine

_QUEUE: Final = WorkQueue(payout_statement_lines, waiting=LineState.WAITING, dead=LineState.DEAD)


class SqlPayoutStatements:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._now = transaction, now

    async def find_same(self, rail: PayoutRail, sha256: str) -> PayoutStatement | None:
        await take_turn(self._transaction, f"payout statement {rail} {sha256}")
        columns = payout_statements.c
        same = select(PayoutStatement).where(columns.rail == rail, columns.sha256 == sha256)
        found: PayoutStatement | None = await self._transaction.session.scalar(same)
        return found

    async def add(self, statement: PayoutStatement, lines: Sequence[SaidLine]) -> None:
        self._transaction.session.add(statement)
        # The lines refer to its row.
        await self._transaction.flush()
        rows = [
            {
                "id": new_id(),
                "statement_id": statement.id,
                "place": place,
                "rail": statement.rail,
                "kind": said.kind,
                "reference": said.reference,
                "number": said.number,
                "payment_number": said.payment_number,
                "amount_minor": said.amount.minor,
                "amount_asset": said.amount.asset,
                "booked_on": said.booked_on,
                "words": said.words,
                "state": LineState.WAITING,
                "attempts": 0,
                # A microsecond apart: what left and came back is looked at in the order in which it happened.
                "next_attempt_at": self._now + timedelta(microseconds=place - len(lines)),
            }
            for place, said in enumerate(lines)
        ]
        await self._transaction.session.execute(insert(payout_statement_lines), rows)
        await self._give_news(statement.rail, lines)

    async def _give_news(self, rail: PayoutRail, lines: Sequence[SaidLine]) -> None:
        # After whoever compares one of the days, and does not know what this statement says.
        await take_turn(self._transaction, turn_of(rail))
        runs, different = reconciliation_runs.c, payout_discrepancies.c
        days = {said.booked_on for said in lines}
        names = {said.reference for said in lines if said.reference}
        numbers = {number for said in lines for number in (said.number, said.payment_number) if number}
        # What left before midnight may be booked here, and looked for, on the next day.
        asked = select(different.run_id).where(
            different.state == DiscrepancyState.OPEN,
            or_(different.reference.in_(names), different.number.in_(numbers)),
        )
        told = update(reconciliation_runs).where(runs.rail == rail, or_(runs.day.in_(days), runs.id.in_(asked)))
        news = told.values(has_news=True)
        await self._transaction.session.execute(news, execution_options={"synchronize_session": False})

    async def claim_waiting(self, *, limit: int, lease_seconds: int) -> list[ClaimedLine]:
        session = self._transaction.session
        rows = await _QUEUE.claim(session, now=self._now, limit=limit, lease_seconds=lease_seconds)
        return [
            ClaimedLine(
                id=row.id, attempt=row.attempts, statement_id=row.statement_id, rail=row.rail, said=said_in(row)
            )
            for row in sorted(rows, key=lambda row: (row.next_attempt_at, row.place))
        ]

    async def submitter_of(self, statement_id: PayoutStatementId) -> UserId | None:
        whose = select(payout_statements.c.submitted_by).where(payout_statements.c.id == statement_id)
        return await self._transaction.session.scalar(whose)

    async def has_come_back(self, payout_id: PayoutId) -> bool:
        told = select(1).where(payouts.c.id == payout_id, has_come_back())
        return await self._transaction.session.scalar(told) is not None

    async def note_done(self, line: ClaimedLine, state: LineState, payout_id: PayoutId | None) -> None:
        outcome = {"state": state, "payout_id": payout_id}
        await _QUEUE.finish(self._transaction.session, line.id, attempt=line.attempt, outcome=outcome)

    async def note_failed(self, line: ClaimedLine) -> None:
        await _QUEUE.postpone(self._transaction.session, line.id, attempt=line.attempt, now=self._now)
