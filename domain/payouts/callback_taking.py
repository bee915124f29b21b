"""What a rail told of a payout is compared with our record, and then it is the payout's."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.gateways import Sealer
from domain.ids import PayoutId
from domain.payouts.callback import RailWord
from domain.payouts.execution import record_outcome
from domain.payouts.outcome import Paid
from domain.payouts.payout import Payout
from domain.unit_of_work import UnitOfWork

_PHONE_SIGN: Final = "+"


class WordMismatch(StrEnum):
    """What about a callback does not fit our record."""

    NAME = "NAME"
    """Another payout than the one whose address was called."""
    AMOUNT = "AMOUNT"
    """Not exactly what was to be paid."""
    PHONE = "PHONE"
    """Not the phone that was to be paid."""
    RECEIPT = "RECEIPT"
    """A number of the rail's that settled another payout."""


async def take_payout_word(
    uow: UnitOfWork, sealer: Sealer, *, payout_id: PayoutId, word: RailWord, received_at: datetime
) -> Payout | WordMismatch:
    """Take in what came to the address of this payout, however long ago. What does not fit our record changes nothing:
    the rail is asked.

    Raises:
        PayoutNotFound: there is none.
    """
    payout = await uow.payouts.get_for_update(payout_id)
    # One that was put back has no name until it is sent again; then only a word about the attempt before can come.
    if word.sent_as is not None and word.sent_as != payout.label:
        return WordMismatch.NAME
    mismatch = await _false_success(uow, sealer, payout, word)
    if mismatch is not None:
        return mismatch
    return await record_outcome(uow, payout_id=payout_id, outcome=word.outcome, told_at=received_at)


async def _false_success(uow: UnitOfWork, sealer: Sealer, payout: Payout, word: RailWord) -> WordMismatch | None:
    if not isinstance(word.outcome, Paid):
        return None
    if word.sent_as is None:
        return WordMismatch.NAME
    if word.amount != payout.amount:
        return WordMismatch.AMOUNT
    destination = sealer.unseal(payout.sealed_destination, about=payout.sealed_about)
    if word.phone != destination.removeprefix(_PHONE_SIGN):
        return WordMismatch.PHONE
    owner = await uow.payouts.owner_of_receipt(payout.rail, word.outcome.receipt_number)
    return WordMismatch.RECEIPT if owner not in (None, payout.id) else None
