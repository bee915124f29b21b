"""What M-Pesa called back is taken in."""

from __future__ import annotations

from typing import Final

import structlog

from domain.errors import DomainError
from domain.fulfilment import receive_payment
from domain.payments.mobile_money import MobileMoney, StkResult, UnreadableCallback
from domain.payments.mpesa_answers import Mismatch, take_callback
from domain.payments.mpesa_callback import ClaimedCallback
from jobs.parts import Parts

BATCH: Final = 50
LEASE_SECONDS: Final = 60
OPERATION: Final = "job.take_in_stk_callbacks"
UNREADABLE: Final = "UNREADABLE"

_log = structlog.get_logger("sokoni.jobs")


async def take_in_callbacks(parts: Parts) -> None:
    """Take in what waits, each in a commit with what it does. Run twice, or after a crash, money is booked once."""
    if parts.mobile_money is None:
        return
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            due = await uow.mpesa_callbacks.claim_due(limit=BATCH, lease_seconds=LEASE_SECONDS)
        for callback in due:
            await _take_in(parts, parts.mobile_money, callback)
        claimed = len(due)


async def _take_in(parts: Parts, provider: MobileMoney, callback: ClaimedCallback) -> None:
    try:
        await _judge(parts, callback, provider.read_callback(callback.body))
    except UnreadableCallback:
        async with parts.unit_of_work(OPERATION) as uow:
            await uow.mpesa_callbacks.note_refused(callback, outcome=UNREADABLE)
        _refused(callback, UNREADABLE)
    except DomainError:
        # One that cannot be taken in now must not keep the others from it.
        _log.exception("callback_not_taken_in", payment=str(callback.payment_id), attempt=callback.attempt)
        async with parts.unit_of_work(OPERATION) as uow:
            await uow.mpesa_callbacks.note_failed(callback)


async def _judge(parts: Parts, callback: ClaimedCallback, result: StkResult) -> None:
    async with parts.unit_of_work(OPERATION) as uow:
        answer = await take_callback(uow, payment_id=callback.payment_id, result=result)
        if isinstance(answer, Mismatch):
            await uow.mpesa_callbacks.note_refused(callback, outcome=answer.value)
        else:
            if answer.receipt is not None:
                await receive_payment(uow, answer.receipt)
            await uow.mpesa_callbacks.note_taken(callback, outcome=answer.answered.value)
    if isinstance(answer, Mismatch):
        _refused(callback, answer.value)
    elif answer.alerts:
        _log.error("result_needs_a_look", payment=str(callback.payment_id), provider_code=result.code)


def _refused(callback: ClaimedCallback, why: str) -> None:
    _log.error("callback_refused", payment=str(callback.payment_id), request_id=callback.request_id, why=why)
