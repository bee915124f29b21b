"""What rails told of payouts by themselves is taken in."""

from __future__ import annotations

from functools import partial

from domain.gateways import Sealer
from domain.payouts.callback import ClaimedPayoutCallback
from domain.payouts.callback_taking import WordMismatch, take_payout_word
from domain.payouts.ports import CallbackReader
from domain.unit_of_work import UnitOfWork
from jobs.callback_intake import Intake, Verdict, take_in_waiting
from jobs.parts import Parts
from jobs.send_payouts import raise_alarms


async def take_in_payout_callbacks(parts: Parts) -> None:
    """Take in what waits, where a rail tells by itself."""
    if parts.payout_callbacks is not None:
        await take_in_waiting(parts, _intake(parts.payout_callbacks, parts.sealer))


def _intake(reader: CallbackReader, sealer: Sealer) -> Intake[ClaimedPayoutCallback]:
    async def judge(uow: UnitOfWork, callback: ClaimedPayoutCallback) -> Verdict:
        word = reader.read(callback.kind, callback.body)
        taken = await take_payout_word(
            uow, sealer, payout_id=callback.payout_id, word=word, received_at=callback.received_at
        )
        if isinstance(taken, WordMismatch):
            return Verdict(outcome=taken.value, is_refused=True)
        return Verdict(outcome=type(word.outcome).__name__, alarm=partial(raise_alarms, taken, word.outcome))

    return Intake(
        operation="job.take_in_payout_callbacks",
        inbox=lambda uow: uow.payout_callbacks,
        judge=judge,
        about=lambda callback: {"payout": str(callback.payout_id)},
    )
