"""Acquirers are asked: to open a checkout, how it stands, to take what was agreed to, to close it."""

from __future__ import annotations

import asyncio
from typing import Final, assert_never

import structlog

from domain.fulfilment import receive_payment
from domain.payments.acquirer import Acquirer, AcquirerAnswer, AcquirerBusy, AcquirerRefused, AcquirerUnknown
from domain.payments.checkout_calls import ClaimedCall, claim_calls, close_ended, record_answer
from domain.payments.checkout_state import AcquirerCall
from domain.payments.checkout_views import CheckoutMismatch, Taken
from jobs.parts import Parts

BATCH: Final = 20
OPERATION: Final = "job.ask_acquirers"

_log = structlog.get_logger("sokoni.jobs")


async def ask_acquirers(parts: Parts) -> None:
    """Ask what is due. Each is asked under a name that was committed before, so that to ask twice is to ask once; a
    crash costs an answer, and its acquirer is asked again when the lease ends.
    """
    if not parts.acquirers:
        return
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            due = await claim_calls(uow, limit=BATCH)
        ended = await asyncio.gather(*(_ask(parts, each) for each in due), return_exceptions=True)
        for fault in ended:
            if fault is not None:
                raise fault
        claimed = len(due)


async def close_ended_checkouts(parts: Parts) -> None:
    """Have closed whose payment ended: what is not paid yet shall not be."""
    closing = BATCH
    while closing == BATCH:
        async with parts.unit_of_work("job.close_ended_checkouts") as uow:
            closing = await close_ended(uow, limit=BATCH)


async def _ask(parts: Parts, claimed: ClaimedCall) -> None:
    acquirer = parts.acquirers.get(claimed.rail)
    if acquirer is None:
        _log.error("rail_without_acquirer", payment=str(claimed.payment_id), rail=claimed.rail.value)
        return
    answer = await _answer(acquirer, claimed)
    async with parts.unit_of_work(OPERATION) as uow:
        recorded = await record_answer(uow, claimed, answer, sealer=parts.sealer)
        if isinstance(recorded, Taken) and recorded.receipt is not None:
            await receive_payment(uow, recorded.receipt)
    match recorded:
        case CheckoutMismatch() | AcquirerRefused(is_ours=True):
            _log.error("acquirer_disagrees", payment=str(claimed.payment_id), call=claimed.call, said=repr(recorded))
        case AcquirerBusy() | AcquirerRefused() | AcquirerUnknown():
            _log.warning("acquirer_did_not", payment=str(claimed.payment_id), call=claimed.call, said=repr(recorded))


async def _answer(acquirer: Acquirer, claimed: ClaimedCall) -> AcquirerAnswer:
    match claimed.call:
        case AcquirerCall.OPEN:
            return await acquirer.open(claimed.order)
        case AcquirerCall.LOOK:
            return await acquirer.look(claimed.order)
        case AcquirerCall.CAPTURE:
            return await acquirer.capture(claimed.order)
        case AcquirerCall.CLOSE:
            return await acquirer.close(claimed.order)
        case _:
            assert_never(claimed.call)
