"""Payers are asked on their phones, by M-Pesa's STK push."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from domain.payments.mobile_money import MobileMoney, PushAccepted, PushRefused
from domain.payments.mpesa_pushes import ClaimedPush, claim_pushes, give_up_pushes, record_push
from jobs.parts import Parts

BATCH: Final = 20
OPERATION: Final = "job.request_stk_pushes"

_log = structlog.get_logger("sokoni.jobs")


async def request_due_pushes(parts: Parts) -> None:
    """Push what is due. That it is being sent is committed before: after a crash nobody pushes it a second time, and
    its callback tells what became of it.
    """
    if parts.mobile_money is None:
        return
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            due = await claim_pushes(uow, limit=BATCH)
        ended = await asyncio.gather(*(_push(parts, parts.mobile_money, each) for each in due), return_exceptions=True)
        for fault in ended:
            if fault is not None:
                raise fault
        claimed = len(due)


async def give_up_lost_pushes(parts: Parts) -> None:
    """Lay aside those whose sender did not come back, and those whose payment ended before anybody was asked."""
    given_up = BATCH
    while given_up == BATCH:
        async with parts.unit_of_work("job.give_up_lost_pushes") as uow:
            given_up = await give_up_pushes(uow, limit=BATCH)


async def _push(parts: Parts, provider: MobileMoney, claimed: ClaimedPush) -> None:
    outcome = await provider.push(claimed.push)
    async with parts.unit_of_work(OPERATION) as uow:
        recorded = await record_push(uow, payment_id=claimed.payment_id, outcome=outcome)
    if isinstance(recorded, PushRefused) and recorded.is_ours:
        _log.error("push_refused", payment=str(claimed.payment_id), provider_code=recorded.code)
    elif not isinstance(recorded, PushAccepted):
        _log.warning("push_not_accepted", payment=str(claimed.payment_id), outcome=repr(recorded))
