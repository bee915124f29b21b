"""What rails told of payouts by themselves is taken in."""

from __future__ import annotations

from typing import Final

import structlog

from domain.errors import DomainError
from domain.payments.mobile_money import UnreadableCallback
from domain.payouts.callback import ClaimedPayoutCallback, RailWord
from domain.payouts.callback_taking import WordMismatch, take_payout_word
from domain.payouts.ports import CallbackReader
from jobs.parts import Parts
from jobs.send_payouts import raise_alarms

BATCH: Final = 50
LEASE_SECONDS: Final = 60
OPERATION: Final = "job.take_in_payout_callbacks"
UNREADABLE: Final = "UNREADABLE"

_log = structlog.get_logger("sokoni.jobs")


async def take_in_payout_callbacks(parts: Parts) -> None:
    """Take in what waits, each in a commit with what it does. Run twice, or after a crash, money is booked once."""
    if parts.payout_callbacks is None:
        return
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(OPERATION) as uow:
            due = await uow.payout_callbacks.claim_due(limit=BATCH, lease_seconds=LEASE_SECONDS)
        for callback in due:
            await _take_in(parts, parts.payout_callbacks, callback)
        claimed = len(due)


async def _take_in(parts: Parts, reader: CallbackReader, callback: ClaimedPayoutCallback) -> None:
    try:
        await _judge(parts, callback, reader.read(callback.kind, callback.body))
    except UnreadableCallback:
        async with parts.unit_of_work(OPERATION) as uow:
            await uow.payout_callbacks.note_refused(callback, outcome=UNREADABLE)
        _refused(callback, UNREADABLE)
    except DomainError:
        # One that cannot be taken in now must not keep the others from it.
        _log.exception("callback_not_taken_in", payout=str(callback.payout_id), attempt=callback.attempt)
        async with parts.unit_of_work(OPERATION) as uow:
            await uow.payout_callbacks.note_failed(callback)


async def _judge(parts: Parts, callback: ClaimedPayoutCallback, word: RailWord) -> None:
    async with parts.unit_of_work(OPERATION) as uow:
        taken = await take_payout_word(
            uow, parts.sealer, payout_id=callback.payout_id, word=word, received_at=callback.received_at
        )
        if isinstance(taken, WordMismatch):
            await uow.payout_callbacks.note_refused(callback, outcome=taken.value)
        else:
            await uow.payout_callbacks.note_taken(callback, outcome=type(word.outcome).__name__)
    if isinstance(taken, WordMismatch):
        _refused(callback, taken.value)
    else:
        raise_alarms(taken, word.outcome)


def _refused(callback: ClaimedPayoutCallback, why: str) -> None:
    _log.error("callback_refused", payout=str(callback.payout_id), request_id=callback.request_id, why=why)
