"""What rails told of payouts, waiting to be taken in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.mpesa import mpesa_callbacks
from db.work_queue import WorkQueue
from domain.payments.callback_inbox import CallbackState
from domain.payouts.callback import ClaimedPayoutCallback

_QUEUE: Final = WorkQueue(
    mpesa_callbacks,
    waiting=CallbackState.WAITING,
    dead=CallbackState.DEAD,
    among=mpesa_callbacks.c.payout_id.is_not(None),
)


class SqlPayoutCallbacks:
    """See the port."""

    def __init__(self, session: AsyncSession, *, now: datetime) -> None:
        self._session, self._now = session, now

    async def claim_due(self, *, limit: int, lease_seconds: int) -> list[ClaimedPayoutCallback]:
        rows = await _QUEUE.claim(self._session, now=self._now, limit=limit, lease_seconds=lease_seconds)
        return [
            ClaimedPayoutCallback(
                id=row.id,
                attempt=row.attempts,
                payout_id=row.payout_id,
                kind=row.kind,
                body=row.body,
                received_at=row.received_at,
                request_id=row.request_id,
            )
            for row in rows
        ]

    async def note_taken(self, callback: ClaimedPayoutCallback, *, outcome: str) -> None:
        await self._finish(callback, {"state": CallbackState.TAKEN, "outcome": outcome})

    async def note_refused(self, callback: ClaimedPayoutCallback, *, outcome: str) -> None:
        await self._finish(callback, {"state": CallbackState.REFUSED, "outcome": outcome})

    async def note_failed(self, callback: ClaimedPayoutCallback) -> None:
        await _QUEUE.postpone(self._session, callback.id, attempt=callback.attempt, now=self._now)

    async def _finish(self, callback: ClaimedPayoutCallback, outcome: Mapping[str, object]) -> None:
        await _QUEUE.finish(self._session, callback.id, attempt=callback.attempt, outcome=outcome)
