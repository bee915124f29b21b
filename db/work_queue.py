"""Rows that wait to be worked: claimed by one worker at a time, tried again later and later, laid aside in the end.

A table is such a queue when it has the columns `id`, `state`, `attempts`, `next_attempt_at` and `claimed_until`.
The attempt is counted when the row is claimed, so a worker that dies over a row has used up one of its attempts.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, Table, and_, or_, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession

ATTEMPTS_MAX: Final = 12
_FIRST_WAIT: Final = timedelta(minutes=1)
_JITTER_PERCENT: Final = 20


@dataclass(frozen=True, slots=True)
class WorkQueue:
    """One table's rows, or those `among` them; `waiting` is the state of those that are to be worked, `dead` of those
    given up.
    """

    table: Table
    waiting: Enum
    dead: Enum
    among: ColumnElement[bool] = field(default_factory=true)

    async def claim(self, session: AsyncSession, *, now: datetime, limit: int, lease_seconds: int) -> list[Row[Any]]:
        """Rows that are due, ours until the lease ends; `attempts` of each counts this attempt and names the claim."""
        columns = self.table.c
        due = (
            select(columns.id, columns.attempts)
            .where(self._is_waiting(), self.among, columns.next_attempt_at <= now, self._is_free(now))
            .order_by(columns.next_attempt_at, columns.id)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        rows = (await session.execute(due)).all()
        await self._bury(session, [row.id for row in rows if row.attempts >= ATTEMPTS_MAX])
        ours = [row.id for row in rows if row.attempts < ATTEMPTS_MAX]
        claimed = (
            update(self.table)
            .where(columns.id.in_(ours))
            .values(attempts=columns.attempts + 1, claimed_until=now + timedelta(seconds=lease_seconds))
            .returning(*columns)
        )
        won = {row.id: row for row in (await session.execute(claimed)).all()} if ours else {}
        return [won[row_id] for row_id in ours]

    async def finish(self, session: AsyncSession, row_id: UUID, *, attempt: int, outcome: Mapping[str, object]) -> bool:
        """Write what became of a claimed row; False when the lease had ended and somebody else claimed it since."""
        finished = (
            update(self.table)
            .where(self._is_claim(row_id, attempt))
            .values(claimed_until=None, **outcome)
            .returning(self.table.c.id)
        )
        return await session.scalar(finished) is not None

    async def postpone(self, session: AsyncSession, row_id: UUID, *, attempt: int, now: datetime) -> bool:
        """Try a claimed row again later, or give it up after the last attempt; False as in `finish`."""
        if attempt >= ATTEMPTS_MAX:
            return await self.finish(session, row_id, attempt=attempt, outcome={"state": self.dead})
        return await self.finish(
            session, row_id, attempt=attempt, outcome={"next_attempt_at": now + wait_after(attempt)}
        )

    async def _bury(self, session: AsyncSession, ids: list[UUID]) -> None:
        if ids:
            dead = update(self.table).where(self.table.c.id.in_(ids)).values(state=self.dead, claimed_until=None)
            await session.execute(dead)

    def _is_waiting(self) -> ColumnElement[bool]:
        return self.table.c.state == self.waiting

    def _is_free(self, now: datetime) -> ColumnElement[bool]:
        return or_(self.table.c.claimed_until.is_(None), self.table.c.claimed_until <= now)

    def _is_claim(self, row_id: UUID, attempt: int) -> ColumnElement[bool]:
        return and_(self.table.c.id == row_id, self._is_waiting(), self.table.c.attempts == attempt)


def wait_after(attempt: int) -> timedelta:
    """One minute after the first attempt, twice as long after each further one, give or take a fifth."""
    percent = 100 - _JITTER_PERCENT + secrets.randbelow(2 * _JITTER_PERCENT + 1)
    return _FIRST_WAIT * (1 << attempt - 1) * percent // 100
