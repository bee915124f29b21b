"""M-Pesa is asked what became of prompts that it did not call back about, or whose callback is not yet believed."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from domain.fulfilment import receive_payment
from domain.payments.mobile_money import MobileMoney
from domain.payments.mpesa_answers import DueQuery, claim_queries, take_query_result
from jobs.parts import Parts

BATCH: Final = 20
OPERATION: Final = "job.query_stk_pushes"

_log = structlog.get_logger("sokoni.jobs")


async def query_due_pushes(parts: Parts) -> None:
    """Ask about what is due. The next time is planned before, so a crash costs one answer; asking changes nothing."""
    if parts.mobile_money is None:
        return
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            due = await claim_queries(uow, limit=BATCH)
        ended = await asyncio.gather(*(_ask(parts, parts.mobile_money, each) for each in due), return_exceptions=True)
        for fault in ended:
            if fault is not None:
                raise fault
        claimed = len(due)


async def _ask(parts: Parts, provider: MobileMoney, due: DueQuery) -> None:
    result = await provider.query(due.checkout_request_id)
    if result is None:
        if due.is_last:
            _log.error("result_never_known", payment=str(due.payment_id), checkout=due.checkout_request_id)
        return
    async with parts.unit_of_work(OPERATION) as uow:
        answer = await take_query_result(uow, payment_id=due.payment_id, result=result)
        if answer.receipt is not None:
            await receive_payment(uow, answer.receipt)
    if answer.alerts:
        _log.error("result_needs_a_look", payment=str(due.payment_id), provider_code=result.code)
