"""What acquirers called back is taken in."""

from __future__ import annotations

from functools import partial
from typing import Final

import structlog

from domain.fulfilment import receive_payment
from domain.payments.acquirer import CheckoutView, DisputeView, Told
from domain.payments.acquirer_callback import AcquirerCallback
from domain.payments.checkout_views import CheckoutMismatch, Taken, payment_of_view, take_view
from domain.payments.disputing import note_dispute
from domain.unit_of_work import UnitOfWork
from jobs.callback_intake import Intake, Verdict, take_in_waiting
from jobs.parts import Parts

NOT_OURS: Final = "NOT_OURS"

_log = structlog.get_logger("sokoni.jobs")


async def take_in_acquirer_callbacks(parts: Parts) -> None:
    """Take in what waits, where an acquirer is open."""
    if parts.acquirers:
        await take_in_waiting(parts, _intake(parts))


def _intake(parts: Parts) -> Intake[AcquirerCallback]:
    async def judge(uow: UnitOfWork, callback: AcquirerCallback) -> Verdict | None:
        acquirer = parts.acquirers.get(callback.rail)
        if acquirer is None:
            return None  # its rail was closed meanwhile; it waits until somebody opens it again
        told = acquirer.read_callback(callback.body)
        taken = await _taken(uow, parts, callback, told)
        if isinstance(taken, CheckoutMismatch):
            return Verdict(outcome=taken.value, is_refused=True)
        if taken is not None and taken.receipt is not None:
            await receive_payment(uow, taken.receipt)
        return Verdict(
            outcome=NOT_OURS if taken is None else taken.seen.value,
            alarm=partial(_log.error, "payment_disputed", **_about(callback), status=told.status)
            if isinstance(told, DisputeView)
            else None,
        )

    return Intake(
        operation="job.take_in_acquirer_callbacks", inbox=lambda uow: uow.acquirer_callbacks, judge=judge, about=_about
    )


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


def _about(callback: AcquirerCallback) -> dict[str, str]:
    return {"rail": callback.rail, "event_id": callback.event_id}
