"""A payment by PayPal: approved there, captured here, once, whatever dies on the way."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import orjson
import pytest

from domain.identity.actor import Actor
from domain.money import Asset, Money
from domain.payments.acquirer import AcquirerAnswer, CheckoutOrder
from domain.payments.checkout_state import CheckoutState
from domain.payments.errors import RailUnavailable
from domain.payments.state import PaymentState
from integrations.sandbox.paypal import PayPalBehaviour
from integrations.sandbox.paypal_bodies import approved, captured, disputed
from tests.makers.checkouts import SUM, Dying, PayPalDesk, PowerCut


async def test_from_the_wish_to_the_money(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.ask(payer)
    await paypal.work()
    opened = await paypal.checkout(payment)
    assert opened.sealed_url is not None
    assert paypal.parts.sealer.unseal(opened.sealed_url, about=f"checkout url {payment}") == paypal.order.link
    assert (paypal.order.value, paypal.order.currency, paypal.order.reference) == ("129.30", "USD", opened.reference)

    await paypal.paypal.approve(paypal.order)
    await paypal.take_in()
    assert (await paypal.checkout(payment)).state is CheckoutState.APPROVED
    await paypal.require_nothing_moved()
    await paypal.work()

    shown = await paypal.payment(payment)
    assert (shown.intent.provider_reference, shown.intent.receipt_number) == (paypal.order.id, paypal.order.capture_id)
    assert await paypal.told() == ["REQUESTED", "AWAITING_PAYER", "AWAITING_PAYER", "PAID"]
    await paypal.require_paid_once(payer)


async def test_the_capture_is_told_as_well_and_books_once(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.approved(payer)
    await paypal.work()
    for _ in range(2):
        await paypal.paypal.tell(captured(paypal.order, at=paypal.commands.now))
    await paypal.take_in()

    assert await paypal.state(payment) is PaymentState.PAID
    assert [outcome for _, outcome in await paypal.callbacks()] == ["NOTED", "NOTHING_NEW", "NOTHING_NEW"]
    await paypal.require_paid_once(payer)


@pytest.mark.parametrize("is_called", [False, True])
async def test_a_crash_around_the_capture_captures_once(paypal: PayPalDesk, payer: Actor, is_called: bool) -> None:
    payment = await paypal.approved(payer)

    with pytest.raises(PowerCut):
        await paypal.work(Dying(paypal.acquirer, is_called=is_called))
    await paypal.work()
    assert await paypal.state(payment) is PaymentState.AWAITING_PAYER
    paypal.later(minutes=1)
    await paypal.work()

    assert await paypal.state(payment) is PaymentState.PAID
    assert paypal.paypal.captures == 1
    await paypal.require_paid_once(payer)


@pytest.mark.parametrize("is_called", [False, True])
async def test_a_crash_around_the_opening_opens_once(paypal: PayPalDesk, payer: Actor, is_called: bool) -> None:
    payment = await paypal.ask(payer)

    with pytest.raises(PowerCut):
        await paypal.work(Dying(paypal.acquirer, is_called=is_called))
    paypal.later(minutes=1)
    await paypal.work()
    await paypal.paypal.approve(paypal.order)
    await paypal.take_in()
    await paypal.work()

    assert await paypal.state(payment) is PaymentState.PAID
    await paypal.require_paid_once(payer)


@pytest.mark.parametrize("answer", ["slow", "internal", "internal-accepted", "busy"])
async def test_a_time_out_or_a_fault_over_the_opening_and_then_success_pays_once(
    paypal: PayPalDesk, payer: Actor, answer: str
) -> None:
    paypal.paypal.next(answer=answer, slow_seconds=1.0)
    payment = await paypal.ask(payer)

    await paypal.work()
    assert await paypal.state(payment) is PaymentState.REQUESTED
    paypal.later(seconds=5)
    await paypal.work()
    await paypal.paypal.approve(paypal.order)
    await paypal.take_in()
    await paypal.work()

    assert await paypal.state(payment) is PaymentState.PAID
    await paypal.require_paid_once(payer)


@pytest.mark.parametrize("answer", ["slow", "internal", "internal-accepted", "busy"])
async def test_a_time_out_or_a_fault_over_the_capture_and_then_success_pays_once(
    paypal: PayPalDesk, payer: Actor, answer: str
) -> None:
    paypal.paypal.next(captures=answer, slow_seconds=1.0)
    payment = await paypal.approved(payer)

    await paypal.work()
    assert await paypal.state(payment) is PaymentState.AWAITING_PAYER
    paypal.later(seconds=5)
    await paypal.work()

    assert await paypal.state(payment) is PaymentState.PAID
    assert paypal.paypal.captures == 1
    await paypal.require_paid_once(payer)


async def test_a_capture_told_before_its_answer_is_stored_books_once(paypal: PayPalDesk, payer: Actor) -> None:
    class Slow(Dying):
        async def capture(self, order: CheckoutOrder) -> AcquirerAnswer:
            answer = await paypal.acquirer.capture(order)
            await paypal.paypal.tell(captured(paypal.order, at=paypal.commands.now))
            await paypal.take_in()
            return answer

    payment = await paypal.approved(payer)
    await paypal.work(Slow(paypal.acquirer, is_called=True))

    assert await paypal.state(payment) is PaymentState.PAID
    await paypal.require_paid_once(payer)


async def test_an_approval_that_nobody_told_is_found_out_by_looking(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.ask(payer)
    await paypal.work()
    await paypal.paypal.approve(paypal.order, callbacks=0)
    paypal.later(minutes=1)
    await paypal.work()
    await paypal.work()

    assert await paypal.state(payment) is PaymentState.PAID
    await paypal.require_paid_once(payer)


async def test_a_declined_instrument_is_shown_and_another_one_may_pay(paypal: PayPalDesk, payer: Actor) -> None:
    paypal.paypal.next(captures="declined")
    payment = await paypal.approved(payer)

    await paypal.work()
    declined = await paypal.checkout(payment)
    assert (declined.state, declined.decline) == (CheckoutState.APPROVED, "INSTRUMENT_DECLINED")
    await paypal.require_nothing_moved()
    await paypal.paypal.tell(approved(paypal.order, at=paypal.commands.now))
    await paypal.take_in()
    paypal.later(seconds=59)
    await paypal.work()
    assert (await paypal.checkout(payment)).decline == "INSTRUMENT_DECLINED"
    paypal.later(seconds=1)
    await paypal.work()

    assert await paypal.state(payment) is PaymentState.PAID
    await paypal.require_paid_once(payer)


async def test_what_is_declined_without_end_expires(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.approved(payer)
    for _ in range(70):
        paypal.paypal.behaviours[paypal.order.id] = PayPalBehaviour(captures="declined", callbacks=0)
        await paypal.run_everything()
        paypal.later(minutes=1)

    assert await paypal.state(payment) is PaymentState.EXPIRED
    assert (await paypal.checkout(payment)).state is CheckoutState.CLOSED
    assert paypal.paypal.captures == 0
    await paypal.require_nothing_moved()


@pytest.mark.parametrize(("decided", "state"), [("COMPLETED", PaymentState.PAID), ("DECLINED", PaymentState.FAILED)])
async def test_a_pending_capture_ends_as_it_is_decided(
    paypal: PayPalDesk, payer: Actor, decided: str, state: PaymentState
) -> None:
    paypal.paypal.next(captures="pending")
    payment = await paypal.approved(payer)
    await paypal.work()
    assert (await paypal.checkout(payment)).state is CheckoutState.PROCESSING
    paypal.later(hours=6)
    await paypal.run_everything()
    assert await paypal.state(payment) is PaymentState.AWAITING_PAYER

    await paypal.paypal.decide(paypal.order, decided)
    await paypal.take_in()

    assert await paypal.state(payment) is state
    if state is PaymentState.PAID:
        await paypal.require_paid_once(payer)
    else:
        await paypal.require_nothing_moved()


async def test_what_was_approved_is_never_captured_once_the_payment_ended(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.approved(payer)
    await paypal.cancel(payer, payment)
    await paypal.run_everything()
    await paypal.paypal.tell(approved(paypal.order, at=paypal.commands.now + timedelta(seconds=9)))
    paypal.later(minutes=5)
    await paypal.run_everything()

    assert await paypal.state(payment) is PaymentState.CANCELLED
    assert (await paypal.checkout(payment)).state is CheckoutState.CLOSED
    assert paypal.paypal.captures == 0
    await paypal.require_nothing_moved()


async def test_nobody_who_approves_too_late_pays(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.ask(payer)
    await paypal.work()
    paypal.later(hours=1)
    await paypal.run_everything()
    await paypal.paypal.approve(paypal.order)
    await paypal.run_everything()

    assert await paypal.state(payment) is PaymentState.EXPIRED
    assert paypal.paypal.captures == 0
    await paypal.require_nothing_moved()


async def test_cancelled_here_while_it_is_captured_there_the_money_is_the_payers(
    paypal: PayPalDesk, payer: Actor
) -> None:
    payment = await paypal.approved(payer)
    with pytest.raises(PowerCut):
        await paypal.work(Dying(paypal.acquirer, is_called=True))
    await paypal.cancel(payer, payment)
    paypal.later(minutes=1)
    await paypal.run_everything()

    assert await paypal.state(payment) is PaymentState.CANCELLED
    await paypal.require_paid_late(payer)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"amount": {"currency_code": "USD", "value": "129.29"}}, "AMOUNT"),
        ({"amount": {"currency_code": "USD", "value": "129.301"}}, "CURRENCY"),
        ({"amount": {"currency_code": "EUR", "value": "129.30"}}, "CURRENCY"),
        ({"amount": {"currency_code": "USD", "value": 129.3}}, "CURRENCY"),
        ({"custom_id": "SKOTHER00001"}, "CHECKOUT"),
        ({"supplementary_data": {"related_ids": {"order_id": "OTHER"}}}, "CHECKOUT"),
        ({"supplementary_data": {"related_ids": {"order_id": "OTHER"}}, "custom_id": None}, "PAYMENT"),
        ({"supplementary_data": {}}, "UNREADABLE"),
        ({"status": "NEW"}, "UNREADABLE"),
    ],
)
async def test_what_does_not_fit_our_record_moves_nothing(
    paypal: PayPalDesk, payer: Actor, changes: dict[str, Any], why: str
) -> None:
    payment = await paypal.ask(payer)
    await paypal.work()
    paypal.order.capture_status = "COMPLETED"
    event = captured(paypal.order, at=paypal.commands.now)
    event["resource"] |= changes
    await paypal.paypal.tell(event)
    await paypal.take_in()

    assert await paypal.callbacks() == [("REFUSED", why)]
    assert await paypal.state(payment) is PaymentState.AWAITING_PAYER
    await paypal.require_nothing_moved()


async def test_a_replayed_or_forged_event_moves_nothing(paypal: PayPalDesk, payer: Actor) -> None:
    await paypal.approved(payer)
    await paypal.work()
    sent = paypal.caller.sent[0]
    forged = orjson.dumps(captured(paypal.order, at=paypal.commands.now))

    assert await paypal.arrive(sent.headers, sent.body) == 200
    assert await paypal.arrive(sent.headers, forged) == 400
    paypal.later(days=5)
    assert await paypal.arrive(sent.headers, sent.body) == 400
    assert len(await paypal.callbacks()) == 1
    await paypal.require_paid_once(payer)


async def test_many_workers_open_and_capture_once(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.ask(payer)
    await asyncio.gather(*(paypal.work() for _ in range(4)))
    await paypal.paypal.approve(paypal.order)
    await asyncio.gather(*(paypal.take_in() for _ in range(4)))
    await asyncio.gather(*(paypal.work() for _ in range(4)))

    assert await paypal.state(payment) is PaymentState.PAID
    assert paypal.paypal.captures == 1
    await paypal.require_paid_once(payer)


async def test_an_expired_token_costs_nothing(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.approved(payer)
    paypal.paypal.expire_tokens()

    await paypal.work()

    assert await paypal.state(payment) is PaymentState.PAID
    assert paypal.paypal.tokens_given == 2
    await paypal.require_paid_once(payer)


async def test_wrong_credentials_wait_and_expire(paypal: PayPalDesk, payer: Actor) -> None:
    paypal.paypal.client_secret = "another"
    payment = await paypal.ask(payer)
    await paypal.work()
    assert await paypal.state(payment) is PaymentState.REQUESTED

    paypal.later(hours=1)
    await paypal.run_everything()

    assert await paypal.state(payment) is PaymentState.EXPIRED
    assert paypal.paypal.orders == {}
    await paypal.require_nothing_moved()


async def test_a_dispute_is_noted_by_the_capture_that_it_names(paypal: PayPalDesk, payer: Actor) -> None:
    payment = await paypal.approved(payer)
    await paypal.work()
    await paypal.paypal.tell(disputed(paypal.order, at=paypal.commands.now))
    await paypal.take_in()

    (noted,) = await paypal.disputes()
    assert (noted.payment_id, noted.amount_minor, noted.status) == (payment, SUM.minor, "OPEN")
    await paypal.require_paid_once(payer)


@pytest.mark.parametrize("asset", [Asset.KES, Asset.INR, Asset.POINTS])
async def test_an_asset_that_paypal_does_not_take_is_refused(paypal: PayPalDesk, payer: Actor, asset: Asset) -> None:
    with pytest.raises(RailUnavailable):
        await paypal.ask(payer, Money(10_000, asset))

    assert await paypal.commands.events() == []
