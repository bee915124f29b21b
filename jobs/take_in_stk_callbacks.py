"""What M-Pesa called back is taken in."""

from __future__ import annotations

from functools import partial

import structlog

from domain.fulfilment import receive_payment
from domain.payments.mobile_money import MobileMoney
from domain.payments.mpesa_answers import Mismatch, take_callback
from domain.payments.mpesa_callback import ClaimedCallback
from domain.unit_of_work import UnitOfWork
from jobs.callback_intake import Intake, Verdict, take_in_waiting
from jobs.parts import Parts

_log = structlog.get_logger("sokoni.jobs")


async def take_in_callbacks(parts: Parts) -> None:
    """Take in what waits, where M-Pesa is open."""
    if parts.mobile_money is not None:
        await take_in_waiting(parts, _intake(parts.mobile_money))


def _intake(provider: MobileMoney) -> Intake[ClaimedCallback]:
    async def judge(uow: UnitOfWork, callback: ClaimedCallback) -> Verdict:
        result = provider.read_callback(callback.body)
        answer = await take_callback(uow, payment_id=callback.payment_id, result=result)
        if isinstance(answer, Mismatch):
            return Verdict(outcome=answer.value, is_refused=True)
        if answer.receipt is not None:
            await receive_payment(uow, answer.receipt)
        alarm = partial(_log.error, "result_needs_a_look", **_about(callback), provider_code=result.code)
        return Verdict(outcome=answer.answered.value, alarm=alarm if answer.alerts else None)

    return Intake(
        operation="job.take_in_stk_callbacks", inbox=lambda uow: uow.mpesa_callbacks, judge=judge, about=_about
    )


def _about(callback: ClaimedCallback) -> dict[str, str]:
    return {"payment": str(callback.payment_id)}
