"""What acquirers called back is taken in."""

from __future__ import annotations

from typing import Final

import structlog

from domain.errors import DomainError
from domain.fulfilment import receive_payment
from domain.payments.acquirer import CheckoutView, DisputeView, Told, UnreadableTelling
from domain.payments.acquirer_callback import AcquirerCallback
from domain.payments.checkout_views import CheckoutMismatch, Taken, payment_of_view, take_view
from domain.payments.disputing import note_dispute
from domain.unit_of_work import UnitOfWork
from jobs.parts import Parts

BATCH: Final = 50
LEASE_SECONDS: Final = 60
OPERATION: Final = "job.take_in_acquirer_callbacks"
UNREADABLE: Final = "UNREADABLE"
NOT_OURS: Final = "NOT_OURS"

_log = structlog.get_logger("sokoni.jobs")


async def take_in_acquirer_callbacks(parts: Parts) -> None:
    """Take in what waits, each in a commit with what it does. Run twice, or after a crash, money is booked once."""
    if not parts.acquirers:
        return
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            due = await uow.acquirer_callbacks.claim_due(limit=BATCH, lease_seconds=LEASE_SECONDS)
        for callback in due:
            await _take_in(parts, callback)
        claimed = len(due)


async def _take_in(parts: Parts, callback: AcquirerCallback) -> None:
    acquirer = parts.acquirers.get(callback.rail)
    if acquirer is None:
        return  # its rail was closed meanwhile; it waits until somebody opens it again
    try:
        told = acquirer.read_callback(callback.body)
    except UnreadableTelling:
        async with parts.unit_of_work(OPERATION) as uow:
            await uow.acquirer_callbacks.note_refused(callback, outcome=UNREADABLE)
        _refused(callback, UNREADABLE)
        return
    try:
        await _judge(parts, callback, told)
    except DomainError:
        # One that cannot be taken in now must not keep the others from it.
        _log.exception("callback_not_taken_in", rail=callback.rail, event_id=callback.event_id)
        async with parts.unit_of_work(OPERATION) as uow:
            await uow.acquirer_callbacks.note_failed(callback)


async def _judge(parts: Parts, callback: AcquirerCallback, told: Told) -> None:
    async with parts.unit_of_work(OPERATION) as uow:
        taken = await _taken(uow, parts, callback, told)
        if isinstance(taken, CheckoutMismatch):
            await uow.acquirer_callbacks.note_refused(callback, outcome=taken.value)
        else:
            if taken is not None and taken.receipt is not None:
                await receive_payment(uow, taken.receipt)
            outcome = NOT_OURS if taken is None else taken.seen.value
            await uow.acquirer_callbacks.note_taken(callback, outcome=outcome)
    if isinstance(taken, CheckoutMismatch):
        _refused(callback, taken.value)
    elif isinstance(told, DisputeView):
        _log.error("payment_disputed", rail=callback.rail, event_id=callback.event_id, status=told.status)


async def _taken(
    uow: UnitOfWork, parts: Parts, callback: AcquirerCallback, told: Told
) -> Taken | CheckoutMismatch | None:
    match told:
        case None:
            return None
        case DisputeView():
            return await note_dispute(uow, rail=callback.rail, view=told)
        case CheckoutView():
            payment_id = await payment_of_view(uow, rail=callback.rail, view=told)
            if payment_id is None:
                return CheckoutMismatch.PAYMENT
            return await take_view(uow, payment_id=payment_id, view=told, sealer=parts.sealer)


def _refused(callback: AcquirerCallback, why: str) -> None:
    _log.error(
        "callback_refused", rail=callback.rail, event_id=callback.event_id, request_id=callback.request_id, why=why
    )
