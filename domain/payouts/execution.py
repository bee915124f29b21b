"""Execution: what a rail, or finance, says of a payout that is under way becomes its end, once."""

from __future__ import annotations

from datetime import timedelta
from typing import Final, assert_never

from domain.identity.errors import OwnAccount
from domain.ids import PayoutId
from domain.ledger.holds import capture, release
from domain.payouts.errors import PayoutStillSending
from domain.payouts.outcome import Failed, Outcome, Paid, Unknown
from domain.payouts.payout import Payout
from domain.payouts.postings import paid_out
from domain.payouts.state import PayoutState
from domain.text import line, printed_number, reason_line
from domain.unit_of_work import UnitOfWork

WORDS_MAX: Final = 200
# Longer than a rail is given to answer: until then it may still be asked to pay.
SENT_WITHIN: Final = timedelta(minutes=2)


async def record_outcome(uow: UnitOfWork, *, payout_id: PayoutId, outcome: Outcome) -> Payout:
    """Book what became of a payout. Told again, or told otherwise after its end, it changes nothing.

    Raises:
        PayoutNotFound: there is none.
        PayoutReceiptUsed: the number that it was paid under is another payout's.
    """
    payout = await uow.payouts.get_for_update(payout_id)
    if not payout.state.is_under_way:
        return payout
    match outcome:
        case Paid(receipt_number=number):
            key = printed_number(number, path=("receiptNumber",), longest=WORDS_MAX)
            await uow.payouts.use_receipt(payout, key)
            uow.emit(payout.pay(number, at=uow.now))
            await capture(uow, reference=payout.hold_reference, transfer=paid_out(payout))
        case Failed(failure=failure):
            uow.emit(payout.fail(failure, at=uow.now))
            await release(uow, reference=payout.hold_reference)
        case Unknown():
            if payout.state is not PayoutState.UNKNOWN:
                uow.emit(payout.lose_sight(at=uow.now))
        case _:
            assert_never(outcome)
    return payout


async def settle_payout(uow: UnitOfWork, *, payout_id: PayoutId, outcome: Paid | Failed, reason: str) -> Payout:
    """Finance says what became of a payout that is under way, because its rail cannot.

    Raises:
        PayoutNotFound: there is none.
        OwnAccount: nobody settles a payout of their own.
        PayoutNotUnderWay: nothing is waited for.
        PayoutStillSending: its rail is being asked to pay.
        PayoutReceiptUsed: the number is another payout's.
        InvalidInput: no reason, or no number of the bank's.
    """
    uow.because(reason_line(reason))
    said = _as_one_line(outcome)
    payout = await uow.payouts.get_for_update(payout_id)
    if payout.owner_id == uow.actor.user:
        raise OwnAccount
    payout.require_under_way()
    is_sending = payout.state is PayoutState.SENDING and payout.rail.pays_by_itself
    if is_sending and uow.now - payout.updated_at < SENT_WITHIN:
        raise PayoutStillSending
    return await record_outcome(uow, payout_id=payout_id, outcome=said)


def _as_one_line(outcome: Paid | Failed) -> Paid | Failed:
    match outcome:
        case Paid(receipt_number=number):
            return Paid(line(number, path=("receiptNumber",), shortest=1, longest=WORDS_MAX))
        case Failed(failure=failure):
            return Failed(line(failure, path=("failure",), shortest=3, longest=WORDS_MAX))
