"""Every fault of a payment by M-Pesa: money moves exactly once, and every payment ends in a definite state."""

from __future__ import annotations

import asyncio

import pytest

from domain.identity.actor import Actor
from domain.payments.mobile_money import MobileMoney, PushOutcome, StkPush, StkResult
from domain.payments.mpesa_request import PushState
from domain.payments.state import PaymentState
from integrations.mpesa.callbacks import read_callback
from tests.makers.mpesa import Till


class PowerCut(Exception):
    """Nothing more is done."""


class Failing:
    """The provider, seen by a process that dies before or after a call."""

    def __init__(self, provider: MobileMoney, *, is_called: bool) -> None:
        self._provider, self._is_called = provider, is_called

    async def push(self, push: StkPush) -> PushOutcome:
        if self._is_called:
            await self._provider.push(push)
        raise PowerCut

    async def query(self, checkout_request_id: str) -> StkResult | None:
        if self._is_called:
            await self._provider.query(checkout_request_id)
        raise PowerCut

    def read_callback(self, body: bytes) -> StkResult:
        return read_callback(body)


async def test_a_crash_before_the_call_pushes_nothing_and_the_payment_expires(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)

    with pytest.raises(PowerCut):
        await till.push(Failing(till.provider, is_called=False))
    await till.push()
    assert (await till.request(payment)).state is PushState.SENDING
    till.later(minutes=5)
    await till.run_everything()
    assert (await till.request(payment)).state is PushState.UNKNOWN
    assert await till.state(payment) is PaymentState.REQUESTED
    till.later(minutes=10)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.EXPIRED
    assert till.daraja.prompts == {}
    await till.require_nothing_moved(payer)


async def test_a_crash_after_the_call_never_pushes_again_and_the_callback_pays(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)

    with pytest.raises(PowerCut):
        await till.push(Failing(till.provider, is_called=True))
    till.later(minutes=5)
    await till.run_everything()
    assert len(till.daraja.prompts) == 1
    await till.call_back(till.prompt)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.PAID
    assert (await till.request(payment)).checkout_request_id == till.prompt.checkout_request_id
    await till.require_paid_once(payer)


async def test_a_crash_before_storing_whose_callback_is_lost_expires_and_late_money_is_the_payers(
    till: Till, payer: Actor
) -> None:
    payment = await till.ask(payer)
    with pytest.raises(PowerCut):
        await till.push(Failing(till.provider, is_called=True))

    till.later(minutes=15)
    await till.run_everything()
    assert await till.state(payment) is PaymentState.EXPIRED
    await till.require_nothing_moved(payer)
    await till.call_back(till.prompt)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.EXPIRED
    assert len(await till.commands.events("payment.arrived_late")) == 1
    await till.require_paid_once(payer)


async def test_a_callback_before_the_answer_pays_and_the_answer_changes_nothing(till: Till, payer: Actor) -> None:
    till.daraja.next(callback_first=True, callbacks=1)
    payment = await till.ask(payer)

    pushing = asyncio.create_task(till.push())
    await till.called_back()
    await till.take_in()
    await pushing

    request = await till.request(payment)
    assert await till.state(payment) is PaymentState.PAID
    assert (request.state, request.merchant_request_id) == (PushState.SENT, till.prompt.merchant_request_id)
    assert request.next_query_at is None
    await till.require_paid_once(payer)


async def test_a_callback_taken_in_before_the_answer_is_stored_pays(till: Till, payer: Actor) -> None:
    class Slow(Failing):
        async def push(self, push: StkPush) -> PushOutcome:
            outcome = await till.provider.push(push)
            await till.call_back(till.prompt)
            await till.take_in()
            return outcome

    payment = await till.ask(payer)
    await till.push(Slow(till.provider, is_called=True))

    told = [event.body["state"] for event in await till.commands.events("payment.updated")]
    assert told == ["REQUESTED", "AWAITING_PAYER", "PAID"]
    assert (await till.request(payment)).merchant_request_id == till.prompt.merchant_request_id
    await till.require_paid_once(payer)


async def test_a_duplicate_callback_is_kept_once_and_books_once(till: Till, payer: Actor) -> None:
    till.daraja.next(callbacks=2)
    payment = await till.ask(payer)

    await till.push()
    await till.paid_on_phone()
    await till.called_back(times=2)
    await till.call_back(till.prompt)
    await till.run_everything()

    assert till.prompt.callback_statuses == [200, 200]
    assert [(row.state.name, row.outcome) for row in await till.callbacks()] == [("TAKEN", "PAID")]
    assert await till.state(payment) is PaymentState.PAID
    await till.require_paid_once(payer)


async def test_duplicates_that_differ_in_a_word_book_once_however_many_workers_take_them_in(
    till: Till, payer: Actor
) -> None:
    payment = await till.ask(payer)
    await till.push()
    for balance in range(6):
        await till.call_back(till.prompt, Balance=balance)

    await asyncio.gather(*(till.take_in() for _ in range(4)))
    till.later(minutes=2)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.PAID
    assert {row.state.name for row in await till.callbacks()} == {"TAKEN"}
    await till.require_paid_once(payer)


async def test_a_late_callback_is_credited_late(till: Till, payer: Actor) -> None:
    till.daraja.next(code="1037", after_seconds=60)
    payment = await till.ask(payer)
    await till.push()
    till.later(seconds=76)
    await till.query()
    assert await till.state(payment) is PaymentState.EXPIRED

    till.later(hours=3)
    await till.call_back(till.prompt, code="0")
    await till.take_in()

    assert await till.state(payment) is PaymentState.EXPIRED
    assert len(await till.commands.events("payment.arrived_late")) == 1
    await till.require_paid_once(payer)


@pytest.mark.parametrize("answer", ["slow", "internal-accepted"])
async def test_a_time_out_or_a_fault_of_theirs_and_then_success_pays_once(
    till: Till, payer: Actor, answer: str
) -> None:
    till.daraja.next(answer=answer, callbacks=1, after_seconds=0.05, slow_seconds=1.0)
    payment = await till.ask(payer)

    await till.push()
    await till.push()
    await till.paid_on_phone()

    assert await till.state(payment) is PaymentState.PAID
    assert len(till.daraja.prompts) == 1
    await till.require_paid_once(payer)


async def test_a_fault_of_theirs_that_accepted_nothing_expires(till: Till, payer: Actor) -> None:
    till.daraja.next(answer="internal")
    payment = await till.ask(payer)

    await till.push()
    till.later(minutes=14)
    await till.run_everything()
    assert await till.state(payment) is PaymentState.REQUESTED
    till.later(minutes=1)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.EXPIRED
    assert till.daraja.prompts == {}
    await till.require_nothing_moved(payer)


async def test_an_expired_token_pushes_once(till: Till, payer: Actor) -> None:
    await till.ask(payer)
    await till.push()
    till.daraja.prompts.clear()
    till.daraja.expire_tokens()
    payment = await till.ask(payer)

    await till.push()
    await till.call_back(till.prompt)
    await till.take_in()

    assert await till.state(payment) is PaymentState.PAID
    await till.require_paid_once(payer)


@pytest.mark.parametrize(("answer", "seconds"), [("busy", 10), ("locked", 65)])
async def test_who_is_busy_is_asked_later_and_once(till: Till, payer: Actor, answer: str, seconds: int) -> None:
    till.daraja.next(answer=answer)
    payment = await till.ask(payer)

    await till.push()
    await till.push()
    assert (await till.request(payment)).state is PushState.WAITING
    assert till.daraja.refused == 1
    till.later(seconds=seconds)
    await till.push()
    await till.call_back(till.prompt)
    await till.take_in()

    assert (await till.request(payment)).attempts == 2
    assert await till.state(payment) is PaymentState.PAID
    await till.require_paid_once(payer)


async def test_a_refusal_fails_the_payment_with_its_code(till: Till, payer: Actor) -> None:
    till.daraja.passkey = "another"
    payment = await till.ask(payer)

    await till.push()
    await till.push()

    intent = (await till.payment(payment)).intent
    assert intent.state is PaymentState.FAILED
    assert intent.failure is not None
    assert intent.failure.startswith("500.001.1001: ")
    assert (await till.request(payment)).state is PushState.REFUSED
    assert till.daraja.refused == 1
    await till.require_nothing_moved(payer)


async def test_a_crash_while_querying_costs_one_answer(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()
    till.later(seconds=75)

    with pytest.raises(PowerCut):
        await till.query(Failing(till.provider, is_called=True))
    await till.query()
    assert await till.state(payment) is PaymentState.AWAITING_PAYER
    till.later(seconds=15)
    await till.query()

    assert await till.state(payment) is PaymentState.PAID
    assert (await till.request(payment)).queries == 2
    await till.require_paid_once(payer)


async def test_a_lost_callback_is_asked_for_and_may_still_come(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()

    till.later(seconds=74)
    await till.query()
    assert await till.state(payment) is PaymentState.AWAITING_PAYER
    till.later(seconds=1)
    await till.query()
    assert await till.state(payment) is PaymentState.PAID
    await till.call_back(till.prompt)
    await till.take_in()

    assert (await till.request(payment)).receipt == till.prompt.receipt
    assert [row.outcome for row in await till.callbacks()] == ["NOTHING_NEW"]
    await till.require_paid_once(payer)


async def test_a_callback_and_a_query_at_once_book_once(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()
    till.later(seconds=75)
    await till.call_back(till.prompt)

    await asyncio.gather(till.query(), till.take_in(), till.query(), till.take_in())

    assert await till.state(payment) is PaymentState.PAID
    await till.require_paid_once(payer)


async def test_of_many_workers_one_pushes(till: Till, payer: Actor) -> None:
    await till.ask(payer)

    await asyncio.gather(*(till.push() for _ in range(4)))

    assert len(till.daraja.prompts) == 1
