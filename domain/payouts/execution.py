"""Execution: what a rail says of a payout that is under way becomes its end, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final, assert_never

from domain.ids import PayoutId
from domain.ledger.holds import capture, release
from domain.payouts.outcome import Accepted, Deferred, Failed, NeverReceived, Outcome, Paid, Unknown
from domain.payouts.pausing import pause_rail
from domain.payouts.payout import Payout
from domain.payouts.postings import paid_out
from domain.payouts.rail_pause import RailPause, Reach
from domain.payouts.state import PayoutState
from domain.text import printed_number
from domain.unit_of_work import UnitOfWork

WORDS_MAX: Final = 200
# Longer than a rail is given to answer: until then it may still be asked to pay.
SENT_WITHIN: Final = timedelta(minutes=2)
# A rail that has not come round to a payment may not know it yet: its word that there is none counts after this.
NOT_RECEIVED_AFTER: Final = timedelta(hours=1)


async def record_outcome(
    uow: UnitOfWork, *, payout_id: PayoutId, outcome: Outcome, told_at: datetime | None = None
) -> Payout:
    """Book what became of a payout, as it was told at `told_at`, or just now. Told again, or told otherwise after its
    end, it moves nothing; that it left after all is noted for finance, because its owner has the money back already.

    Raises:
        PayoutNotFound: there is none.
        PayoutReceiptUsed: the number that it was paid under is another payout's.
    """
    payout = await uow.payouts.get_for_update(payout_id)
    if isinstance(outcome, Paid) and payout.state is PayoutState.APPROVED:
        # Its rail said that it took nothing, and did: whatever else is waiting, this one is not sent again.
        uow.emit(payout.send(at=uow.now))
    if not payout.state.is_under_way:
        _note_after_the_end(uow, payout, outcome)
        return payout
    match outcome:
        case Accepted(rail_reference=reference):
            payout.rail_reference = reference
        case Deferred():
            await _put_back(uow, payout, outcome)
        case Paid(receipt_number=number):
            await uow.payouts.use_receipt(payout, receipt_key(number))
            uow.emit(payout.pay(number, at=uow.now))
            await capture(uow, reference=payout.hold_reference, transfer=paid_out(payout))
        case Failed():
            await _give_back(uow, payout, outcome)
        case NeverReceived(failure=failure):
            await _doubt(uow, payout, Failed(failure), told_at=told_at or uow.now)
        case Unknown(unclear=why, pauses=reach):
            _lose_sight(uow, payout)
            if reach is not None:
                await _pause(uow, payout, reach, why=why or "UNKNOWN", ends_at=None)
        case _:
            assert_never(outcome)
    return payout


def receipt_key(number: str) -> str:
    """A rail's number in the one spelling that it is compared in. Raises InvalidInput."""
    return printed_number(number, path=("receiptNumber",), longest=WORDS_MAX)


async def _put_back(uow: UnitOfWork, payout: Payout, outcome: Deferred) -> None:
    if payout.state is PayoutState.SENDING and payout.rail_reference is None:
        uow.emit(payout.put_back(at=uow.now))
    ends_at = None if outcome.wait is None else uow.now + outcome.wait
    await _pause(uow, payout, outcome.reach, why=outcome.why, ends_at=ends_at)


async def _give_back(uow: UnitOfWork, payout: Payout, outcome: Failed) -> None:
    uow.emit(payout.fail(outcome.failure, at=uow.now))
    await release(uow, reference=payout.hold_reference)
    if outcome.pauses is not None:
        await _pause(uow, payout, outcome.pauses, why=outcome.failure, ends_at=None)


async def _pause(uow: UnitOfWork, payout: Payout, reach: Reach, *, why: str, ends_at: datetime | None) -> None:
    pause = RailPause(rail=payout.rail, reach=reach, why=why, paused_at=uow.now, ends_at=ends_at)
    await pause_rail(uow, pause)


async def _doubt(uow: UnitOfWork, payout: Payout, outcome: Failed, *, told_at: datetime) -> None:
    # A word that lay here unread is as old as it was: the rail may have come round to the payment since.
    if payout.state is PayoutState.UNKNOWN and told_at - payout.updated_at >= NOT_RECEIVED_AFTER:
        await _give_back(uow, payout, outcome)
    else:
        _lose_sight(uow, payout)


def _lose_sight(uow: UnitOfWork, payout: Payout) -> None:
    if payout.state is not PayoutState.UNKNOWN:
        uow.emit(payout.lose_sight(at=uow.now))


def _note_after_the_end(uow: UnitOfWork, payout: Payout, outcome: Outcome) -> None:
    if isinstance(outcome, Paid) and payout.state.was_given_back and payout.contradicted_by is None:
        uow.emit(payout.contradict(outcome.receipt_number, at=uow.now))
