"""Every fault of a payment by card: money moves exactly once, and every payment ends in a definite state."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import orjson
import pytest

from domain.identity.actor import Actor
from domain.payments.acquirer import AcquirerAnswer, CheckoutOrder
from domain.payments.checkout_state import CheckoutState
from domain.payments.state import PaymentState
from integrations.sandbox.stripe_bodies import event_of
from tests.makers.checkouts import CardDesk, Dying, PowerCut


async def test_a_crash_before_the_call_opens_it_when_the_lease_ends(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.ask(payer)

    with pytest.raises(PowerCut):
        await cards.work(Dying(cards.acquirer, is_called=False))
    await cards.work()
    assert (await cards.checkout(payment)).state is CheckoutState.OPENING
    assert cards.stripe.creations == 0
    cards.later(minutes=1)
    await cards.work()
    await cards.pay()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_a_crash_after_the_call_finds_the_same_one_by_its_name(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.ask(payer)

    with pytest.raises(PowerCut):
        await cards.work(Dying(cards.acquirer, is_called=True))
    cards.later(minutes=1)
    await cards.work()

    assert cards.stripe.creations == 1
    assert (await cards.checkout(payment)).provider_id == cards.intent.id
    await cards.pay()
    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_a_payment_that_is_never_opened_expires(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.ask(payer)
    with pytest.raises(PowerCut):
        await cards.work(Dying(cards.acquirer, is_called=True))

    cards.later(hours=1)
    await cards.run_everything()

    assert await cards.state(payment) is PaymentState.EXPIRED
    assert (await cards.checkout(payment)).state is CheckoutState.CLOSED
    await cards.require_nothing_moved()


async def test_a_callback_before_the_answer_pays_and_the_answer_changes_nothing(cards: CardDesk, payer: Actor) -> None:
    cards.stripe.next(callback_first=True, pays_with="pm_card_visa")
    payment = await cards.ask(payer)

    asking = asyncio.create_task(cards.work())
    await cards.called_back()
    await cards.take_in()
    await asking

    assert await cards.state(payment) is PaymentState.PAID
    assert (await cards.checkout(payment)).state is CheckoutState.PAID
    await cards.require_paid_once(payer)


async def test_a_callback_taken_in_before_the_answer_is_stored_pays(cards: CardDesk, payer: Actor) -> None:
    class Slow(Dying):
        async def open(self, order: CheckoutOrder) -> AcquirerAnswer:
            answer = await cards.acquirer.open(order)
            await cards.pay()
            return answer

    payment = await cards.ask(payer)
    await cards.work(Slow(cards.acquirer, is_called=True))

    assert await cards.told() == ["REQUESTED", "AWAITING_PAYER", "PAID"]
    assert (await cards.checkout(payment)).state is CheckoutState.PAID
    await cards.require_paid_once(payer)


async def test_a_duplicate_event_is_kept_once_and_books_once(cards: CardDesk, payer: Actor) -> None:
    await cards.opened(payer)
    await cards.stripe.confirm(cards.intent, "pm_card_visa", callbacks=3)
    await cards.take_in()
    await cards.stripe.tell(orjson.loads(cards.caller.sent[0].body))
    await cards.take_in()

    assert [sent.status for sent in cards.caller.sent] == [200] * 4
    assert await cards.callbacks() == [("TAKEN", "PAID")]
    await cards.require_paid_once(payer)


async def test_many_events_of_one_payment_book_once_however_many_workers_take_them_in(
    cards: CardDesk, payer: Actor
) -> None:
    payment = await cards.opened(payer)
    cards.intent.status = "succeeded"
    for _ in range(6):
        await cards.stripe.tell(event_of(cards.intent, at=cards.commands.now))

    await asyncio.gather(*(cards.take_in() for _ in range(4)))
    cards.later(minutes=2)
    await cards.run_everything()

    assert await cards.state(payment) is PaymentState.PAID
    assert {state for state, _ in await cards.callbacks()} == {"TAKEN"}
    await cards.require_paid_once(payer)


async def test_events_out_of_order_end_where_the_newest_says(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    cards.intent.status = "processing"
    early = event_of(cards.intent, at=cards.commands.now + timedelta(seconds=1))
    cards.later(seconds=3)
    cards.intent.status = "requires_action"
    await cards.stripe.tell(event_of(cards.intent, at=cards.commands.now))
    await cards.stripe.tell(early)
    await cards.take_in()
    assert (await cards.checkout(payment)).state is CheckoutState.AUTHENTICATING

    cards.later(seconds=3)
    cards.intent.status = "succeeded"
    paid = event_of(cards.intent, at=cards.commands.now - timedelta(seconds=5))
    await cards.stripe.tell(paid)
    cards.intent.status = "requires_action"
    await cards.stripe.tell(event_of(cards.intent, at=cards.commands.now))
    await cards.take_in()

    assert (await cards.checkout(payment)).state is CheckoutState.PAID
    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_a_lost_event_is_found_out_by_looking_and_may_still_come(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    cards.intent.status = "succeeded"

    cards.later(seconds=59)
    await cards.work()
    assert await cards.state(payment) is PaymentState.AWAITING_PAYER
    cards.later(seconds=1)
    await cards.work()
    assert await cards.state(payment) is PaymentState.PAID
    await cards.stripe.tell(event_of(cards.intent, at=cards.commands.now))
    await cards.take_in()

    assert await cards.callbacks() == [("TAKEN", "NOTHING_NEW")]
    await cards.require_paid_once(payer)


async def test_a_last_look_before_it_expires_finds_what_was_paid(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    for _ in range(58):
        cards.later(minutes=1)
        await cards.run_everything()
    cards.intent.status = "succeeded"
    cards.later(minutes=1)
    await cards.run_everything()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_an_event_and_a_look_at_once_book_once(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    cards.later(minutes=1)
    await cards.stripe.confirm(cards.intent, "pm_card_visa")

    await asyncio.gather(cards.work(), cards.take_in(), cards.work(), cards.take_in())

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


@pytest.mark.parametrize(("answer", "creations"), [("slow", 1), ("internal-accepted", 2), ("internal", 1)])
async def test_a_time_out_or_a_fault_of_theirs_and_then_success_pays_once(
    cards: CardDesk, payer: Actor, answer: str, creations: int
) -> None:
    cards.stripe.next(answer=answer, slow_seconds=1.0)
    payment = await cards.ask(payer)

    await cards.work()
    unknown = await cards.checkout(payment)
    assert (unknown.state, await cards.state(payment)) == (CheckoutState.OPENING, PaymentState.REQUESTED)
    await asyncio.sleep(1.0 if answer == "slow" else 0)
    cards.later(seconds=4)
    await cards.work()
    checkout = await cards.checkout(payment)
    assert checkout.state is CheckoutState.OPEN
    assert cards.stripe.creations == creations
    await cards.stripe.confirm(cards.stripe.intents[str(checkout.provider_id)], "pm_card_visa")
    await cards.take_in()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_faults_without_end_expire(cards: CardDesk, payer: Actor) -> None:
    for _ in range(100):
        cards.stripe.next(answer="internal")
    payment = await cards.ask(payer)

    for _ in range(61):
        await cards.run_everything()
        cards.later(minutes=1)
    await cards.run_everything()

    assert await cards.state(payment) is PaymentState.EXPIRED
    assert (await cards.checkout(payment)).state is CheckoutState.CLOSED
    assert 10 < (await cards.checkout(payment)).names_used < 30
    await cards.require_nothing_moved()


async def test_who_is_busy_is_asked_later(cards: CardDesk, payer: Actor) -> None:
    cards.stripe.next(answer="busy")
    payment = await cards.opened(payer)
    assert await cards.state(payment) is PaymentState.REQUESTED
    await cards.work()
    assert cards.stripe.creations == 0

    cards.later(seconds=5)
    await cards.work()
    await cards.pay()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_wrong_credentials_fail_it(cards: CardDesk, payer: Actor) -> None:
    cards.stripe.secret_key = "another"

    payment = await cards.opened(payer)

    assert await cards.state(payment) is PaymentState.FAILED
    await cards.require_nothing_moved()


async def test_cancelled_before_it_was_opened_nobody_is_asked(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.ask(payer)
    await cards.cancel(payer, payment)

    await cards.run_everything()

    assert cards.stripe.creations == 0
    assert (await cards.checkout(payment)).state is CheckoutState.CLOSED
    await cards.require_nothing_moved()


async def test_cancelled_here_it_is_cancelled_there(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.cancel(payer, payment)
    await cards.run_everything()
    await cards.called_back()
    await cards.take_in()

    assert cards.intent.status == "canceled"
    assert (await cards.checkout(payment)).state is CheckoutState.CLOSED
    assert await cards.state(payment) is PaymentState.CANCELLED
    await cards.require_nothing_moved()


async def test_cancelled_there_it_is_cancelled_here(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    cards.intent.status = "canceled"
    await cards.stripe.tell(event_of(cards.intent, at=cards.commands.now))
    await cards.take_in()

    assert await cards.state(payment) is PaymentState.CANCELLED
    await cards.require_nothing_moved()


async def test_cancelled_here_and_paid_there_it_is_the_payers(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    cards.intent.status = "succeeded"
    await cards.cancel(payer, payment)
    await cards.run_everything()

    assert await cards.state(payment) is PaymentState.CANCELLED
    assert (await cards.checkout(payment)).state is CheckoutState.PAID
    await cards.require_paid_late(payer)
    await cards.stripe.tell(event_of(cards.intent, at=cards.commands.now))
    await cards.run_everything()
    await cards.require_paid_late(payer)


async def test_an_event_after_the_end_is_credited_late(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    cards.later(hours=1)
    await cards.run_everything()
    assert await cards.state(payment) is PaymentState.EXPIRED
    cards.later(hours=3)
    await cards.pay()

    assert await cards.state(payment) is PaymentState.EXPIRED
    await cards.require_paid_late(payer)


async def test_what_the_acquirer_still_works_on_does_not_expire_before_a_day(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_sandbox_processing")
    cards.later(hours=5)
    await cards.run_everything()
    assert await cards.state(payment) is PaymentState.AWAITING_PAYER

    cards.intent.status = "succeeded"
    cards.later(hours=5)
    await cards.run_everything()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)


async def test_what_it_works_on_without_end_ends_here(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_sandbox_processing")
    for _ in range(60):
        cards.later(hours=1)
        await cards.run_everything()

    assert await cards.state(payment) is PaymentState.EXPIRED
    assert (await cards.checkout(payment)).state is CheckoutState.CLOSED
    await cards.require_nothing_moved()
    await cards.pay()
    await cards.require_paid_late(payer)


async def test_a_crash_while_looking_costs_one_answer(cards: CardDesk, payer: Actor) -> None:
    payment = await cards.opened(payer)
    cards.intent.status = "succeeded"
    cards.later(minutes=1)
    with pytest.raises(PowerCut):
        await cards.work(Dying(cards.acquirer, is_called=True))
    await cards.work()
    assert await cards.state(payment) is PaymentState.AWAITING_PAYER
    cards.later(minutes=1)
    await cards.work()

    assert await cards.state(payment) is PaymentState.PAID
    await cards.require_paid_once(payer)
