"""M-Pesa, the payer and callbacks contradict each other: what was paid is the payer's, once."""

from __future__ import annotations

from domain.identity.actor import Actor
from domain.payments.cancelling import cancel_payment
from domain.payments.mpesa_request import PushState
from domain.payments.state import PaymentState
from tests.makers.mpesa import Till


async def test_a_failure_after_a_success_changes_nothing(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()
    await till.call_back(till.prompt)
    await till.take_in()

    await till.call_back(till.prompt, code="1032")
    await till.take_in()

    assert await till.state(payment) is PaymentState.PAID
    assert (await till.request(payment)).result_code == "0"
    await till.require_paid_once(payer)


async def test_a_success_after_a_failure_is_the_payers(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()
    await till.call_back(till.prompt, code="1037")
    await till.take_in()
    assert await till.state(payment) is PaymentState.EXPIRED

    await till.call_back(till.prompt)
    await till.take_in()

    assert len(await till.commands.events("payment.arrived_late")) == 1
    await till.require_paid_once(payer)


async def test_a_false_failure_is_found_out_and_the_money_is_the_payers(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()
    await till.call_back(till.prompt, code="1032")
    await till.take_in()
    assert await till.state(payment) is PaymentState.CANCELLED
    await till.require_nothing_moved(payer)

    till.later(minutes=15)
    await till.run_everything()
    till.later(days=2)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.CANCELLED
    assert (await till.request(payment)).queries == 1
    assert len(await till.commands.events("payment.arrived_late")) == 1
    await till.require_paid_once(payer)


async def test_a_payment_cancelled_before_the_push_is_never_pushed(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    async with till.commands.by(payer) as uow:
        await cancel_payment(uow, payment_id=payment)

    await till.run_everything()

    assert (await till.request(payment)).state is PushState.DROPPED
    assert till.daraja.prompts == {}
    await till.require_nothing_moved(payer)


async def test_a_payment_cancelled_here_and_paid_on_the_phone_is_the_payers(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()
    async with till.commands.by(payer) as uow:
        await cancel_payment(uow, payment_id=payment)

    till.later(seconds=75)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.CANCELLED
    await till.require_paid_once(payer)
