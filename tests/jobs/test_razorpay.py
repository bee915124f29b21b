"""A payment by Razorpay: authorized in its checkout, shown by the payer's app or called back, captured here, once."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import InvalidInput
from domain.identity.actor import Actor
from domain.ids import PaymentId
from domain.money import Asset, Money
from domain.payments.checkout_state import CheckoutState
from domain.payments.confirming import confirm_checkout
from domain.payments.errors import NothingToConfirm, PaymentAlreadyEnded, PaymentNotFound, RailUnavailable
from domain.payments.state import PaymentState, Rail
from integrations.razorpay.signatures import RazorpayCheckoutSignatures
from integrations.sandbox.razorpay_bodies import BAD, dispute_of, event_of, order_paid
from tests.makers.checkouts import Dying, PowerCut, RazorpayDesk
from tests.makers.mpesa import make_payer

SIGNATURES = {Rail.RAZORPAY: RazorpayCheckoutSignatures("key secret")}


async def confirm(razorpay: RazorpayDesk, who: Actor, payment: PaymentId, **changes: str) -> None:
    """The payer's app shows what the checkout told it about the last payment."""
    told = razorpay.razorpay.told_app(razorpay.order.payments[-1]) | changes
    async with razorpay.commands.by(who) as uow:
        await confirm_checkout(
            uow,
            payment_id=payment,
            authorization=told["razorpay_payment_id"],
            signature=told["razorpay_signature"],
            signatures=SIGNATURES,
        )


async def opened(razorpay: RazorpayDesk, payer: Actor) -> PaymentId:
    payment = await razorpay.ask(payer)
    await razorpay.work()
    return payment


async def authorized_untold(razorpay: RazorpayDesk, payer: Actor) -> PaymentId:
    """Authorized, and nobody called back."""
    razorpay.razorpay.next(callbacks=0)
    payment = await opened(razorpay, payer)
    await razorpay.razorpay.pay(razorpay.order)
    return payment


async def test_from_the_wish_over_what_the_app_shows_to_the_money(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await authorized_untold(razorpay, payer)
    checkout = await razorpay.checkout(payment)
    assert (checkout.provider_id, checkout.public_key) == (razorpay.order.id, "rzp_key")
    assert (razorpay.order.amount, razorpay.order.receipt) == (129_300, checkout.reference)

    await confirm(razorpay, payer, payment)
    await confirm(razorpay, payer, payment)
    assert (await razorpay.checkout(payment)).state is CheckoutState.APPROVED
    await razorpay.require_nothing_moved()
    await razorpay.work()
    await confirm(razorpay, payer, payment)

    assert (await razorpay.payment(payment)).intent.receipt_number == razorpay.order.payments[0].id
    assert await razorpay.told() == ["REQUESTED", "AWAITING_PAYER", "AWAITING_PAYER", "PAID"]
    assert razorpay.razorpay.captures == 1
    await razorpay.require_paid_once(payer)


async def test_from_the_wish_over_the_callback_to_the_money(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await razorpay.authorized(payer)
    await razorpay.work()
    await razorpay.called_back(times=3)
    await razorpay.take_in()

    assert await razorpay.state(payment) is PaymentState.PAID
    assert [outcome for _, outcome in await razorpay.callbacks()] == ["NOTED", "NOTHING_NEW", "NOTHING_NEW"]
    await razorpay.require_paid_once(payer)


async def test_without_a_word_it_is_found_out_by_looking(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await authorized_untold(razorpay, payer)
    razorpay.later(minutes=1)
    await razorpay.work()
    await razorpay.work()

    assert await razorpay.state(payment) is PaymentState.PAID
    await razorpay.require_paid_once(payer)


@pytest.mark.parametrize(
    "changes",
    [
        {"razorpay_signature": "0" * 64},
        {"razorpay_signature": ""},
        {"razorpay_signature": "é"},
        {"razorpay_payment_id": "pay_of_another"},
    ],
)
async def test_what_the_acquirer_did_not_sign_confirms_nothing(
    razorpay: RazorpayDesk, payer: Actor, changes: dict[str, str]
) -> None:
    payment = await authorized_untold(razorpay, payer)

    with pytest.raises(InvalidInput):
        await confirm(razorpay, payer, payment, **changes)
    await razorpay.work()

    assert (await razorpay.checkout(payment)).state is CheckoutState.OPEN
    assert razorpay.razorpay.captures == 0
    await razorpay.require_nothing_moved()


async def test_what_was_signed_for_another_order_confirms_nothing(razorpay: RazorpayDesk, payer: Actor) -> None:
    small = await razorpay.ask(payer, Money(100, Asset.INR))
    razorpay.razorpay.next(callbacks=0)
    await razorpay.work()
    large = await razorpay.ask(payer)
    await razorpay.work()
    paid, unpaid = razorpay.razorpay.orders.values()
    told = razorpay.razorpay.told_app(await razorpay.razorpay.pay(paid))

    async with razorpay.commands.by(payer) as uow:
        with pytest.raises(InvalidInput):
            await confirm_checkout(
                uow,
                payment_id=large,
                authorization=told["razorpay_payment_id"],
                signature=told["razorpay_signature"],
                signatures=SIGNATURES,
            )
    await razorpay.work()

    assert unpaid.payments == []
    assert await razorpay.state(large) is PaymentState.AWAITING_PAYER
    assert await razorpay.state(small) is PaymentState.AWAITING_PAYER


async def test_nobody_confirms_for_another_nor_what_is_not_open(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await authorized_untold(razorpay, payer)
    with pytest.raises(PaymentNotFound):
        await confirm(razorpay, await make_payer(razorpay.commands), payment)
    unopened = await razorpay.ask(payer)
    with pytest.raises(NothingToConfirm):
        await confirm(razorpay, payer, unopened)
    await razorpay.cancel(payer, payment)
    with pytest.raises(PaymentAlreadyEnded):
        await confirm(razorpay, payer, payment)

    await razorpay.require_nothing_moved()


@pytest.mark.parametrize("is_called", [False, True])
async def test_a_crash_around_the_opening_opens_once(razorpay: RazorpayDesk, payer: Actor, is_called: bool) -> None:
    payment = await razorpay.ask(payer)
    with pytest.raises(PowerCut):
        await razorpay.work(Dying(razorpay.acquirer, is_called=is_called))
    razorpay.later(minutes=1)
    await razorpay.work()
    await razorpay.razorpay.pay(razorpay.order)
    await razorpay.take_in()
    await razorpay.work()

    assert await razorpay.state(payment) is PaymentState.PAID
    await razorpay.require_paid_once(payer)


@pytest.mark.parametrize("is_called", [False, True])
async def test_a_crash_around_the_capture_captures_once(razorpay: RazorpayDesk, payer: Actor, is_called: bool) -> None:
    payment = await razorpay.authorized(payer)
    with pytest.raises(PowerCut):
        await razorpay.work(Dying(razorpay.acquirer, is_called=is_called))
    razorpay.later(minutes=1)
    await razorpay.work()

    assert await razorpay.state(payment) is PaymentState.PAID
    assert razorpay.razorpay.captures == 1
    await razorpay.require_paid_once(payer)


@pytest.mark.parametrize("answer", ["slow", "internal", "internal-accepted", "busy"])
async def test_a_time_out_or_a_fault_over_the_opening_and_then_success_pays_once(
    razorpay: RazorpayDesk, payer: Actor, answer: str
) -> None:
    razorpay.razorpay.next(answer=answer, slow_seconds=1.0)
    payment = await opened(razorpay, payer)
    assert await razorpay.state(payment) is PaymentState.REQUESTED
    razorpay.later(seconds=5)
    await razorpay.work()
    await razorpay.razorpay.pay(razorpay.order)
    await razorpay.take_in()
    await razorpay.work()

    assert await razorpay.state(payment) is PaymentState.PAID
    await razorpay.require_paid_once(payer)


@pytest.mark.parametrize("answer", ["slow", "internal", "internal-accepted", "busy"])
async def test_a_time_out_or_a_fault_over_the_capture_and_then_success_pays_once(
    razorpay: RazorpayDesk, payer: Actor, answer: str
) -> None:
    razorpay.razorpay.next(captures=answer, slow_seconds=1.0)
    payment = await razorpay.authorized(payer)
    await razorpay.work()
    razorpay.later(seconds=5)
    await razorpay.work()

    assert await razorpay.state(payment) is PaymentState.PAID
    assert razorpay.razorpay.captures == 1
    await razorpay.require_paid_once(payer)


async def test_a_failed_try_is_shown_and_the_next_one_pays(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await opened(razorpay, payer)
    await razorpay.razorpay.pay(razorpay.order, BAD)
    await razorpay.take_in()
    failed = await razorpay.checkout(payment)
    assert (failed.state, failed.decline) == (CheckoutState.OPEN, "payment_failed")
    razorpay.later(seconds=5)
    await razorpay.razorpay.pay(razorpay.order)
    await razorpay.take_in()
    await razorpay.work()

    assert await razorpay.state(payment) is PaymentState.PAID
    await razorpay.require_paid_once(payer)


async def test_a_failure_told_after_an_authorization_is_mended_by_looking(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await razorpay.authorized(payer)
    razorpay.later(seconds=5)
    await razorpay.razorpay.pay(razorpay.order, BAD)
    await razorpay.take_in()
    assert (await razorpay.checkout(payment)).state is CheckoutState.OPEN
    razorpay.later(minutes=2)
    await razorpay.work()
    await razorpay.work()

    assert await razorpay.state(payment) is PaymentState.PAID
    await razorpay.require_paid_once(payer)


async def test_what_was_authorized_is_never_captured_once_the_payment_ended(
    razorpay: RazorpayDesk, payer: Actor
) -> None:
    payment = await razorpay.authorized(payer)
    await razorpay.cancel(payer, payment)
    razorpay.later(minutes=5)
    await razorpay.run_everything()

    assert await razorpay.state(payment) is PaymentState.CANCELLED
    assert (await razorpay.checkout(payment)).state is CheckoutState.CLOSED
    assert razorpay.razorpay.captures == 0
    await razorpay.require_nothing_moved()


async def test_a_second_payment_of_one_order_is_the_payers(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await razorpay.authorized(payer)
    await razorpay.work()
    second = razorpay.order.attempt("success@razorpay")
    second.status = "captured"
    await razorpay.razorpay.tell(event_of(second, at=razorpay.commands.now))
    await razorpay.razorpay.tell(order_paid(razorpay.order, second, at=razorpay.commands.now))
    await razorpay.take_in()

    assert await razorpay.state(payment) is PaymentState.PAID
    assert len(await razorpay.commands.events("payment.arrived_late")) == 1
    assert await razorpay.bookings() == 2


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount": 129_299}, "AMOUNT"),
        ({"currency": "USD"}, "CURRENCY"),
        ({"order_id": "order_of_nobody"}, "PAYMENT"),
        ({"order_id": None}, "UNREADABLE"),
        ({"status": "new"}, "UNREADABLE"),
    ],
)
async def test_what_does_not_fit_our_record_moves_nothing(
    razorpay: RazorpayDesk, payer: Actor, changes: dict[str, Any], why: str
) -> None:
    payment = await opened(razorpay, payer)
    paid = razorpay.order.attempt("success@razorpay")
    paid.status = "captured"
    event = event_of(paid, at=razorpay.commands.now)
    event["payload"]["payment"]["entity"] |= changes
    await razorpay.razorpay.tell(event)
    await razorpay.take_in()

    assert await razorpay.callbacks() == [("REFUSED", why)]
    assert await razorpay.state(payment) is PaymentState.AWAITING_PAYER
    await razorpay.require_nothing_moved()


async def test_forged_altered_and_old_events_are_not_kept_and_replays_book_once(
    razorpay: RazorpayDesk, payer: Actor
) -> None:
    await razorpay.authorized(payer)
    await razorpay.work()
    await razorpay.called_back(times=3)
    sent = razorpay.caller.sent[1]
    await razorpay.razorpay.tell(event_of(razorpay.order.payments[0], at=razorpay.commands.now), secret="key secret")
    assert razorpay.caller.sent[-1].status == 400
    assert await razorpay.arrive(sent.headers, sent.body + b" ") == 400
    assert await razorpay.arrive({}, sent.body) == 400

    assert await razorpay.arrive(sent.headers, sent.body) == 200
    assert await razorpay.arrive(dict(sent.headers) | {"X-Razorpay-Event-Id": "another"}, sent.body) == 200
    await razorpay.take_in()
    await razorpay.require_paid_once(payer)
    razorpay.later(hours=49)
    assert await razorpay.arrive(sent.headers, sent.body) == 400


async def test_many_workers_and_the_app_at_once_capture_once(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await razorpay.authorized(payer)

    await asyncio.gather(
        *(razorpay.work() for _ in range(3)), *(confirm(razorpay, payer, payment) for _ in range(3)), razorpay.take_in()
    )
    razorpay.later(minutes=2)
    await razorpay.run_everything()

    assert await razorpay.state(payment) is PaymentState.PAID
    assert razorpay.razorpay.captures == 1
    await razorpay.require_paid_once(payer)


async def test_a_dispute_is_noted_by_the_payment_that_it_names(razorpay: RazorpayDesk, payer: Actor) -> None:
    payment = await razorpay.authorized(payer)
    await razorpay.work()
    at = razorpay.commands.now + timedelta(seconds=1)
    await razorpay.razorpay.tell(dispute_of(razorpay.order.payments[0], at=at))
    await razorpay.take_in()

    (noted,) = await razorpay.disputes()
    assert (noted.payment_id, noted.reason, noted.status) == (payment, "chargeback", "open")
    await razorpay.require_paid_once(payer)


@pytest.mark.parametrize("asset", [Asset.KES, Asset.USD, Asset.EUR])
async def test_an_asset_that_razorpay_does_not_take_is_refused(
    razorpay: RazorpayDesk, payer: Actor, asset: Asset
) -> None:
    with pytest.raises(RailUnavailable):
        await razorpay.ask(payer, Money(10_000, asset))

    assert await razorpay.commands.events() == []
