"""Topping up: a payment is asked for, and once it arrived its promise is kept."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from domain.ids import IdKind, PaymentId, encode_id, new_id
from domain.ledger.posting import post
from domain.ledger.transfer import require_movable
from domain.money import Asset, Money
from domain.payments.bank_transfers import instruct
from domain.payments.errors import RailUnavailable, TooManyOpenPayments
from domain.payments.intent import VALID_FOR, PaymentIntent
from domain.payments.mpesa_pushes import ask_by_phone
from domain.payments.state import Purpose, Rail
from domain.unit_of_work import UnitOfWork
from domain.wallets.current_price import ConversionTerms, CurrentPrice, price_now
from domain.wallets.opening import open_wallet
from domain.wallets.postings import topped_up
from domain.wallets.pricing import unconverted
from domain.wallets.shown_payment import ShownPayment
from domain.wallets.top_up import TopUp

OPEN_MAX: Final = 10


async def request_top_up(
    uow: UnitOfWork,
    *,
    amount: Money,
    into: Asset,
    rail: Rail,
    open_rails: Collection[Rail],
    terms: ConversionTerms,
    bank_account: str = "",
    phone: str | None = None,
) -> ShownPayment:
    """Promise the actor a result for a payment that arrives in time, and say how to pay. `phone`, in E.164, is asked
    by M-Pesa; the actor's own when there is none.

    Raises:
        InvalidInput: no positive amount, too little or too much; by M-Pesa no whole shillings, or no Kenyan number.
        RailUnavailable: the market has no bank account in this asset, or the rail is not open.
        QuotaExceeded: by M-Pesa, the phone was asked as often as an hour allows.
        RateUnavailable: no fresh rate of one of the assets.
        TooManyOpenPayments: ten of the actor's payments wait already.
    """
    require_movable(amount, path=("amount", "amount"))
    if rail not in open_rails:
        raise RailUnavailable
    if await uow.payments.open_count(uow.actor.user_id) >= OPEN_MAX:
        raise TooManyOpenPayments
    current = await _price(uow, amount, into=into, terms=terms)
    intent = PaymentIntent(
        id=PaymentId(new_id()),
        payer_id=uow.actor.user_id,
        purpose=Purpose.TOP_UP,
        rail=rail,
        amount=amount,
        created_at=uow.now,
        updated_at=uow.now,
        expires_at=uow.now + VALID_FOR[rail],
    )
    await uow.payments.add(intent)
    transfer = prompt = None
    match rail:
        case Rail.BANK_TRANSFER:
            transfer = await instruct(uow, intent, account=bank_account)
        case Rail.MPESA:
            prompt = await ask_by_phone(uow, intent, phone=phone)
    top_up = _promised(intent, current)
    await uow.top_ups.add(top_up)
    return ShownPayment(intent=intent, bank_transfer=transfer, mpesa=prompt, top_up=top_up)


async def complete_top_up(uow: UnitOfWork, intent: PaymentIntent) -> None:
    """Keep the promise: what was asked for is in the payer's wallet, and for points their USDT are in the reserve, in
    one transfer. Only `fulfilment.receive_payment` calls it, once for a payment.
    """
    top_up = await uow.top_ups.get(intent.id)
    await open_wallet(uow, user_id=intent.payer_id, asset=top_up.result.asset)
    reference = f"payment:{encode_id(IdKind.PAYMENT_INTENT, intent.id)}:paid"
    price = top_up.price(intent.amount)
    await post(uow, topped_up(intent.payer_id, intent.account, price, reference=reference, note=top_up.words))


async def _price(uow: UnitOfWork, amount: Money, *, into: Asset, terms: ConversionTerms) -> CurrentPrice:
    if into is amount.asset:
        return CurrentPrice(price=unconverted(amount), rates=())
    return await price_now(uow, amount, into=into, terms=terms)


def _promised(intent: PaymentIntent, current: CurrentPrice) -> TopUp:
    price = current.price
    return TopUp(
        payment_id=intent.id,
        result=price.result,
        value_minor=price.value.minor,
        fee_minor=price.fee.minor,
        amount_rate_id=current.rate_id(price.amount.asset),
        result_rate_id=current.rate_id(price.result.asset),
        words=current.words,
    )
