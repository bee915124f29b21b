"""Requesting: a payment is asked for by a rail, whatever it is for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from domain.ids import PaymentId, new_id
from domain.ledger.transfer import require_movable
from domain.money import Money
from domain.payments.bank_transfer import BankTransfer
from domain.payments.bank_transfers import instruct
from domain.payments.checkout import Checkout
from domain.payments.checkout_calls import ask_acquirer
from domain.payments.errors import RailUnavailable, TooManyOpenPayments
from domain.payments.intent import VALID_FOR, PaymentIntent
from domain.payments.mpesa_pushes import ask_by_phone
from domain.payments.mpesa_request import MpesaRequest
from domain.payments.state import Purpose, Rail
from domain.unit_of_work import UnitOfWork

OPEN_MAX: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """The way that the payer chose, and what of it the market offers. `bank_account` is the market's own in the asset
    of the amount, empty where there is none; `phone`, in E.164, is asked by M-Pesa, the payer's own when there is none.
    """

    rail: Rail
    open_rails: Collection[Rail]
    bank_account: str = ""
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requested:
    """A payment that is waited for, with what belongs to its rail."""

    intent: PaymentIntent
    bank_transfer: BankTransfer | None = None
    mpesa: MpesaRequest | None = None
    checkout: Checkout | None = None


async def request_payment(
    uow: UnitOfWork, *, purpose: Purpose, amount: Money, way: Way, path: tuple[str, ...] = ("amount",)
) -> Requested:
    """Ask the actor for exactly this amount, and say how to pay. Their other requests wait until this command ends.
    `path` is where the amount stands in what was asked.

    Raises:
        InvalidInput: no positive amount, or too much; by M-Pesa no whole shillings, or no Kenyan number.
        RailUnavailable: the market has no bank account in this asset, its acquirer does not take it, or the rail is not
            open.
        QuotaExceeded: by M-Pesa, the phone was asked as often as an hour allows.
        TooManyOpenPayments: ten of the actor's payments wait already.
    """
    require_movable(amount, path=(*path, "amount"))
    if way.rail not in way.open_rails:
        raise RailUnavailable
    if await uow.payments.open_count(uow.actor.user_id) >= OPEN_MAX:
        raise TooManyOpenPayments
    intent = PaymentIntent(
        id=PaymentId(new_id()),
        payer_id=uow.actor.user_id,
        purpose=purpose,
        rail=way.rail,
        amount=amount,
        created_at=uow.now,
        updated_at=uow.now,
        expires_at=uow.now + VALID_FOR[way.rail],
    )
    await uow.payments.add(intent)
    match way.rail:
        case Rail.BANK_TRANSFER:
            return Requested(intent=intent, bank_transfer=await instruct(uow, intent, account=way.bank_account))
        case Rail.MPESA:
            return Requested(intent=intent, mpesa=await ask_by_phone(uow, intent, phone=way.phone, path=path))
        case Rail.CARD | Rail.PAYPAL | Rail.RAZORPAY:
            return Requested(intent=intent, checkout=await ask_acquirer(uow, intent, path=path))
