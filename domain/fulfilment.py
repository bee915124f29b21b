"""Fulfilment: money arrived, so what it was for is given. Every rail ends here; nothing else completes a payment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from domain.ledger.posting import post
from domain.orders.awaiting import complete_order
from domain.payments.events import PaymentArrivedLate, PaymentCredited
from domain.payments.intent import PaymentIntent, Receipt
from domain.payments.postings import arrived_late, credited
from domain.payments.state import Purpose
from domain.tips.giving import complete_tip
from domain.unit_of_work import UnitOfWork
from domain.wallets.opening import open_wallet
from domain.wallets.topping_up import complete_top_up


class Arrival(StrEnum):
    """What became of a receipt."""

    FULFILLED = "FULFILLED"
    """What the payment was for was given."""
    CREDITED_INSTEAD = "CREDITED_INSTEAD"
    """What the payment was for could not be given any more, so the money is in the payer's wallet."""
    CREDITED_LATE = "CREDITED_LATE"
    """The payment had ended otherwise, so the money is in the payer's wallet."""
    REPEATED = "REPEATED"
    """The same receipt came before; nothing happened."""


FULFIL: Final[Mapping[Purpose, Callable[[UnitOfWork, PaymentIntent], Awaitable[bool]]]] = MappingProxyType(
    {Purpose.TOP_UP: complete_top_up, Purpose.ORDER: complete_order, Purpose.TIP: complete_tip}
)
"""What gives what a payment was for; each answers whether it still could be given."""


async def receive_payment(uow: UnitOfWork, receipt: Receipt) -> tuple[PaymentIntent, Arrival]:
    """Take a receipt in. However often it comes, and in whatever order with others, its money is used once.

    Raises:
        PaymentNotFound: it names no payment.
        PaymentMismatch: another rail, asset or amount than was asked for; nothing moves.
        ReceiptAlreadyUsed: its money was used for another payment.
        OwnAccount: it is a clerk's word, and the money would be theirs.
    """
    intent = await uow.payments.get_for_update(receipt.payment_id)
    intent.require_match(receipt)
    if not await uow.payments.add_receipt(receipt, at=uow.now):
        return intent, Arrival.REPEATED
    if intent.state.is_ended:
        await _credit_late(uow, intent, receipt)
        return intent, Arrival.CREDITED_LATE
    uow.emit(intent.pay(receipt, at=uow.now))
    if await FULFIL[intent.purpose](uow, intent):
        return intent, Arrival.FULFILLED
    await _credit_instead(uow, intent, receipt)
    return intent, Arrival.CREDITED_INSTEAD


async def _credit_instead(uow: UnitOfWork, intent: PaymentIntent, receipt: Receipt) -> None:
    await open_wallet(uow, user_id=intent.payer_id, asset=intent.amount.asset)
    await post(uow, credited(intent))
    uow.emit(
        PaymentCredited(
            payment_id=intent.id, payer_id=intent.payer_id, amount=intent.amount, receipt_number=receipt.number
        )
    )


async def _credit_late(uow: UnitOfWork, intent: PaymentIntent, receipt: Receipt) -> None:
    await open_wallet(uow, user_id=intent.payer_id, asset=receipt.amount.asset)
    await post(uow, arrived_late(intent, receipt))
    uow.emit(
        PaymentArrivedLate(
            payment_id=intent.id, payer_id=intent.payer_id, amount=receipt.amount, receipt_number=receipt.number
        )
    )
