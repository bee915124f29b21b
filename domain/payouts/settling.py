"""Settling: finance says what became of a payout whose rail cannot, or told it both ways."""

from __future__ import annotations

from domain.identity.errors import OwnAccount
from domain.ids import PayoutId
from domain.ledger.posting import post
from domain.payouts.errors import PayoutStillSending
from domain.payouts.execution import SENT_WITHIN, WORDS_MAX, receipt_key, record_outcome
from domain.payouts.giving_back import require_uninvolved
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout
from domain.payouts.postings import paid_out
from domain.payouts.state import PayoutState
from domain.text import line, reason_line
from domain.unit_of_work import UnitOfWork


async def settle_payout(uow: UnitOfWork, *, payout_id: PayoutId, outcome: Paid | Failed, reason: str) -> Payout:
    """Finance says what became of a payout that is under way, or that its rail told of both ways. Of one that had been
    given back and left nevertheless, the owner's wallet pays once more.

    Raises:
        PayoutNotFound: there is none.
        OwnAccount: nobody settles a payout of their own.
        UninvolvedPersonNeeded: the actor let a large one leave, and says that it did not.
        PayoutNotUnderWay: nothing is waited for.
        PayoutStillSending: its rail is being asked to pay.
        PayoutReceiptUsed: the number is another payout's.
        InsufficientFunds: what was given back is no longer available; it stays open.
        InvalidInput: no reason, or no number of the bank's.
    """
    uow.because(reason_line(reason))
    said = _as_one_line(outcome)
    payout = await uow.payouts.get_for_update(payout_id)
    if payout.owner_id == uow.actor.user:
        raise OwnAccount
    if isinstance(said, Failed):
        await require_uninvolved(uow, payout)
    if payout.contradicted_by is not None:
        await _settle_both_ways(uow, payout, said)
        return payout
    payout.require_under_way()
    is_sending = payout.state is PayoutState.SENDING and payout.rail.pays_by_itself
    if is_sending and uow.now - payout.updated_at < SENT_WITHIN:
        raise PayoutStillSending
    return await record_outcome(uow, payout_id=payout_id, outcome=said)


async def _settle_both_ways(uow: UnitOfWork, payout: Payout, said: Paid | Failed) -> None:
    match said:
        case Paid(receipt_number=number):
            await uow.payouts.use_receipt(payout, receipt_key(number))
            uow.emit(payout.pay_after_all(number, at=uow.now))
            await post(uow, paid_out(payout))
        case Failed(failure=failure):
            uow.emit(payout.fail_after_all(failure, at=uow.now))


def _as_one_line(outcome: Paid | Failed) -> Paid | Failed:
    match outcome:
        case Paid(receipt_number=number):
            return Paid(line(number, path=("receiptNumber",), shortest=1, longest=WORDS_MAX))
        case Failed(failure=failure):
            return Failed(line(failure, path=("failure",), shortest=3, longest=WORDS_MAX))
