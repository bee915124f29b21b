"""Payments by acquirers, loaded for change; the callbacks that wait; and disputes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.checkouts import acquirer_callbacks, checkouts, payment_disputes
from db.tables.payments import OPEN, payment_intents
from db.work_queue import WorkQueue
from domain.ids import PaymentId
from domain.payments.acquirer_callback import AcquirerCallback
from domain.payments.callback_inbox import CallbackState
from domain.payments.checkout import Checkout
from domain.payments.dispute import Dispute
from domain.payments.intent import PaymentIntent
from domain.payments.state import Rail

_QUEUE: Final = WorkQueue(acquirer_callbacks, waiting=CallbackState.WAITING, dead=CallbackState.DEAD)


class SqlCheckouts:
    """See the port."""

    def __init__(self, session: AsyncSession, *, now: datetime) -> None:
        self._session, self._now = session, now

    async def add(self, checkout: Checkout) -> None:
        self._session.add(checkout)

    async def get_for_update(self, payment_id: PaymentId) -> Checkout:
        return await self._session.get_one(Checkout, payment_id, with_for_update=True)

    async def due(self, *, limit: int) -> list[tuple[PaymentIntent, Checkout]]:
        due = (
            select(PaymentIntent, Checkout)
            .join(Checkout, checkouts.c.payment_id == payment_intents.c.id)
            .where(checkouts.c.next_call_at <= self._now)
            .order_by(checkouts.c.next_call_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [(row[0], row[1]) for row in await self._session.execute(due)]

    async def to_close(self, *, limit: int) -> list[Checkout]:
        is_open = select(1).where(payment_intents.c.id == checkouts.c.payment_id, payment_intents.c.state.in_(OPEN))
        ended = (
            select(Checkout)
            .where(checkouts.c.next_call_at.is_not(None), checkouts.c.closing_since.is_(None), ~is_open.exists())
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(await self._session.scalars(ended))

    async def payment_of_provider_id(self, rail: Rail, provider_id: str) -> PaymentId | None:
        whose = select(checkouts.c.payment_id).where(checkouts.c.rail == rail, checkouts.c.provider_id == provider_id)
        return await self._session.scalar(whose)

    async def payment_of_reference(self, rail: Rail, reference: str) -> PaymentId | None:
        whose = select(checkouts.c.payment_id).where(checkouts.c.rail == rail, checkouts.c.reference == reference)
        return await self._session.scalar(whose)


class SqlAcquirerCallbacks:
    """See the port."""

    def __init__(self, session: AsyncSession, *, now: datetime) -> None:
        self._session, self._now = session, now

    async def claim_due(self, *, limit: int, lease_seconds: int) -> list[AcquirerCallback]:
        rows = await _QUEUE.claim(self._session, now=self._now, limit=limit, lease_seconds=lease_seconds)
        return [
            AcquirerCallback(
                id=row.id,
                attempt=row.attempts,
                rail=row.rail,
                event_id=row.event_id,
                body=row.body,
                request_id=row.request_id,
            )
            for row in rows
        ]

    async def note_taken(self, callback: AcquirerCallback, *, outcome: str) -> None:
        await self._finish(callback, {"state": CallbackState.TAKEN, "outcome": outcome})

    async def note_refused(self, callback: AcquirerCallback, *, outcome: str) -> None:
        await self._finish(callback, {"state": CallbackState.REFUSED, "outcome": outcome})

    async def note_failed(self, callback: AcquirerCallback) -> None:
        await _QUEUE.postpone(self._session, callback.id, attempt=callback.attempt, now=self._now)

    async def _finish(self, callback: AcquirerCallback, outcome: Mapping[str, object]) -> None:
        await _QUEUE.finish(self._session, callback.id, attempt=callback.attempt, outcome=outcome)


class SqlDisputes:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find_for_update(self, rail: Rail, provider_id: str) -> Dispute | None:
        columns = payment_disputes.c
        asked = select(Dispute).where(columns.rail == rail, columns.provider_id == provider_id).with_for_update()
        return (await self._session.scalars(asked)).one_or_none()

    async def add(self, dispute: Dispute) -> None:
        self._session.add(dispute)
