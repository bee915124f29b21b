"""Topping up: a payment is asked for, and once it arrived its promise is kept."""

from __future__ import annotations

from domain.ids import IdKind, encode_id
from domain.ledger.posting import post
from domain.money import Asset, Money
from domain.payments.intent import PaymentIntent
from domain.payments.requesting import Way, request_payment
from domain.payments.state import Purpose
from domain.unit_of_work import UnitOfWork
from domain.wallets.current_price import ConversionTerms, CurrentPrice, price_now
from domain.wallets.opening import open_wallet
from domain.wallets.postings import topped_up
from domain.wallets.pricing import unconverted
from domain.wallets.shown_payment import ShownPayment
from domain.wallets.top_up import TopUp


async def request_top_up(
    uow: UnitOfWork, *, amount: Money, into: Asset, way: Way, terms: ConversionTerms
) -> ShownPayment:
    """Promise the actor a result for a payment that arrives in time, and say how to pay.

    Raises:
        InvalidInput, RailUnavailable, QuotaExceeded, TooManyOpenPayments: as for `request_payment`; or the result would
            be too little or too much.
        RateUnavailable: no fresh rate of one of the assets.
    """
    requested = await request_payment(uow, purpose=Purpose.TOP_UP, amount=amount, way=way)
    top_up = _promised(requested.intent, await _price(uow, amount, into=into, terms=terms))
    await uow.top_ups.add(top_up)
    return ShownPayment(
        intent=requested.intent,
        bank_transfer=requested.bank_transfer,
        mpesa=requested.mpesa,
        checkout=requested.checkout,
        top_up=top_up,
    )


async def complete_top_up(uow: UnitOfWork, intent: PaymentIntent) -> bool:
    """Keep the promise: what was asked for is in the payer's wallet, and for points their USDT are in the reserve, in
    one transfer; that can always be done. Only `fulfilment.receive_payment` calls it, once for a payment.
    """
    top_up = await uow.top_ups.get(intent.id)
    await open_wallet(uow, user_id=intent.payer_id, asset=top_up.result.asset)
    reference = f"payment:{encode_id(IdKind.PAYMENT_INTENT, intent.id)}:paid"
    price = top_up.price(intent.amount)
    await post(uow, topped_up(intent.payer_id, intent.account, price, reference=reference, note=top_up.words))
    return True


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
