"""What an acquirer says of a checkout, by an answer or by a callback: in whatever order, however often.

The receipt's number is the acquirer's own, so an answer and a callback never book the same money twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.gateways import Sealer
from domain.ids import PaymentId
from domain.payments.acquirer import CheckoutView
from domain.payments.checkout import Checkout
from domain.payments.checkout_state import CheckoutState
from domain.payments.events import PaymentUpdated
from domain.payments.intent import PaymentIntent, Receipt
from domain.payments.state import PaymentState, Rail
from domain.unit_of_work import UnitOfWork


class CheckoutMismatch(StrEnum):
    """What about a view does not fit our record. Nothing moves by it; a person has to look."""

    PAYMENT = "PAYMENT"
    """No payment of ours."""
    CHECKOUT = "CHECKOUT"
    """Another checkout than that of the payment, or one that bears another reference."""
    CURRENCY = "CURRENCY"
    """Another asset than was asked for."""
    AMOUNT = "AMOUNT"
    """Not exactly what was asked for; or a dispute about nothing."""


class Seen(StrEnum):
    """What a view did."""

    PAID = "PAID"
    """There is a receipt to be taken in."""
    ENDED = "ENDED"
    """Nobody will pay any more."""
    NOTED = "NOTED"
    """It stands otherwise than before."""
    NOTHING_NEW = "NOTHING_NEW"
    """As much, or more, was known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What was made of a view."""

    seen: Seen
    receipt: Receipt | None = None


async def payment_of_view(uow: UnitOfWork, *, rail: Rail, view: CheckoutView) -> PaymentId | None:
    """Whose checkout it is: by the acquirer's name for it or, where its answer is not here yet, by our reference."""
    known = await uow.checkouts.payment_of_provider_id(rail, view.provider_id)
    if known is None and view.reference is not None:
        return await uow.checkouts.payment_of_reference(rail, view.reference)
    return known


async def take_view(
    uow: UnitOfWork, *, payment_id: PaymentId, view: CheckoutView, sealer: Sealer
) -> Taken | CheckoutMismatch:
    """Take in how the checkout of a payment stands. What does not fit our record changes nothing."""
    intent = await uow.payments.get_for_update(payment_id)
    checkout = await uow.checkouts.get_for_update(payment_id)
    mismatch = _mismatch(intent, checkout, view)
    if mismatch is not None:
        return mismatch
    if view.state is CheckoutState.PAID:
        return _paid(uow, intent, checkout, view, sealer)
    if checkout.is_ahead_of(view):
        return Taken(seen=Seen.NOTHING_NEW)
    is_first = checkout.provider_id is None
    was = (checkout.state, checkout.decline)
    _follow(uow, intent, checkout, view, sealer)
    if view.state is CheckoutState.CLOSED:
        if not intent.state.is_ended:
            uow.emit(_ended(intent, view, at=uow.now))
        return Taken(seen=Seen.ENDED)
    if was == (checkout.state, checkout.decline):
        return Taken(seen=Seen.NOTHING_NEW)
    if not is_first and intent.state is PaymentState.AWAITING_PAYER:
        uow.emit(intent.told)
    return Taken(seen=Seen.NOTED)


def _ended(intent: PaymentIntent, view: CheckoutView, *, at: datetime) -> PaymentUpdated:
    if view.decline is not None:
        return intent.fail(f"{view.decline}: The payment was declined.", at=at)
    return intent.expire(at=at) if intent.expires_at <= at else intent.cancel(at=at)


def _mismatch(intent: PaymentIntent, checkout: Checkout, view: CheckoutView) -> CheckoutMismatch | None:
    is_ours = view.reference is None or view.reference == checkout.reference
    if not is_ours or checkout.provider_id not in (None, view.provider_id):
        return CheckoutMismatch.CHECKOUT
    if view.amount is None or view.amount.asset is not intent.amount.asset:
        return CheckoutMismatch.CURRENCY
    return CheckoutMismatch.AMOUNT if view.amount != intent.amount else None


def _paid(uow: UnitOfWork, intent: PaymentIntent, checkout: Checkout, view: CheckoutView, sealer: Sealer) -> Taken:
    assert view.receipt is not None, "what is paid has a number"
    is_news = checkout.state is not CheckoutState.PAID
    if is_news:
        _follow(uow, intent, checkout, view, sealer)
    receipt = Receipt(payment_id=intent.id, rail=intent.rail, amount=intent.amount, number=view.receipt)
    return Taken(seen=Seen.PAID if is_news else Seen.NOTHING_NEW, receipt=receipt)


def _follow(uow: UnitOfWork, intent: PaymentIntent, checkout: Checkout, view: CheckoutView, sealer: Sealer) -> None:
    is_first = checkout.provider_id is None
    checkout.follow(view, at=uow.now, expires_at=intent.expires_at)
    if view.secret is not None and checkout.sealed_secret is None:
        checkout.sealed_secret = sealer.seal(view.secret, about=f"checkout secret {intent.id}")
    # Where the payer goes is the view's: what it does not name leads nowhere any more.
    checkout.sealed_url = None if view.url is None else sealer.seal(view.url, about=f"checkout url {intent.id}")
    if is_first and not intent.state.is_ended:
        uow.emit(intent.await_payer(provider_reference=view.provider_id, at=uow.now))
