"""Payments by M-Pesa: prompts loaded for change, and the callbacks that wait."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.advisory_lock import take_turn
from db.tables.mpesa import mpesa_callbacks, mpesa_requests
from db.tables.payments import OPEN, payment_intents
from db.transaction import Transaction
from db.work_queue import WorkQueue
from domain.ids import PaymentId
from domain.payments.callback_inbox import CallbackState
from domain.payments.intent import PaymentIntent
from domain.payments.mpesa_callback import ClaimedCallback
from domain.payments.mpesa_request import MpesaRequest, PushState

_QUEUE: Final = WorkQueue(
    mpesa_callbacks,
    waiting=CallbackState.WAITING,
    dead=CallbackState.DEAD,
    among=mpesa_callbacks.c.payment_id.is_not(None),
)


class SqlMpesaRequests:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._session, self._now = transaction, transaction.session, now

    async def add(self, request: MpesaRequest) -> None:
        self._session.add(request)

    async def get_for_update(self, payment_id: PaymentId) -> MpesaRequest:
        return await self._session.get_one(MpesaRequest, payment_id, with_for_update=True)

    async def asked_at(self, phone: str, *, since: datetime) -> list[datetime]:
        await take_turn(self._transaction, f"prompts {phone}")
        asked = (
            select(payment_intents.c.created_at)
            .join(mpesa_requests, mpesa_requests.c.payment_id == payment_intents.c.id)
            .where(mpesa_requests.c.phone == phone, payment_intents.c.created_at > since)
            .order_by(payment_intents.c.created_at)
        )
        return list(await self._session.scalars(asked))

    async def to_push(self, *, limit: int) -> list[tuple[PaymentIntent, MpesaRequest]]:
        prompt, intent = mpesa_requests.c, payment_intents.c
        due = (
            select(PaymentIntent, MpesaRequest)
            .join(MpesaRequest, prompt.payment_id == intent.id)
            .where(
                prompt.state == PushState.WAITING,
                prompt.next_attempt_at <= self._now,
                intent.state.in_(OPEN),
                intent.expires_at > self._now,
            )
            .order_by(prompt.next_attempt_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return [(row[0], row[1]) for row in await self._session.execute(due)]

    async def to_give_up(self, *, limit: int) -> list[MpesaRequest]:
        prompt = mpesa_requests.c
        is_open = select(1).where(payment_intents.c.id == prompt.payment_id, payment_intents.c.state.in_(OPEN))
        lost = (
            select(MpesaRequest)
            .where(
                or_(
                    and_(prompt.state == PushState.SENDING, prompt.claimed_until <= self._now),
                    and_(prompt.state == PushState.WAITING, ~is_open.exists()),
                )
            )
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(await self._session.scalars(lost))

    async def to_query(self, *, limit: int) -> list[MpesaRequest]:
        due = (
            select(MpesaRequest)
            .where(mpesa_requests.c.next_query_at <= self._now)
            .order_by(mpesa_requests.c.next_query_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(await self._session.scalars(due))

    async def payment_of_checkout(self, checkout_request_id: str) -> PaymentId | None:
        prompt = mpesa_requests.c
        whose = select(prompt.payment_id).where(prompt.checkout_request_id == checkout_request_id)
        return await self._session.scalar(whose)

    async def payment_of_receipt(self, receipt: str) -> PaymentId | None:
        whose = select(mpesa_requests.c.payment_id).where(mpesa_requests.c.receipt == receipt)
        return await self._session.scalar(whose)


class SqlMpesaCallbacks:
    """See the port."""

    def __init__(self, session: AsyncSession, *, now: datetime) -> None:
        self._session, self._now = session, now

    async def claim_due(self, *, limit: int, lease_seconds: int) -> list[ClaimedCallback]:
        rows = await _QUEUE.claim(self._session, now=self._now, limit=limit, lease_seconds=lease_seconds)
        return [
            ClaimedCallback(
                id=row.id,
                attempt=row.attempts,
                payment_id=row.payment_id,
                body=row.body,
                request_id=row.request_id,
            )
            for row in rows
        ]

    async def note_taken(self, callback: ClaimedCallback, *, outcome: str) -> None:
        await self._finish(callback, {"state": CallbackState.TAKEN, "outcome": outcome})

    async def note_refused(self, callback: ClaimedCallback, *, outcome: str) -> None:
        await self._finish(callback, {"state": CallbackState.REFUSED, "outcome": outcome})

    async def note_failed(self, callback: ClaimedCallback) -> None:
        await _QUEUE.postpone(self._session, callback.id, attempt=callback.attempt, now=self._now)

    async def _finish(self, callback: ClaimedCallback, outcome: Mapping[str, object]) -> None:
        await _QUEUE.finish(self._session, callback.id, attempt=callback.attempt, outcome=outcome)
