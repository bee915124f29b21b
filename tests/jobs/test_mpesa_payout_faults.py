"""Every fault of a payout by M-Pesa: the phone is paid at most once, and every payout ends in a definite state."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from domain.payouts.outcome import Deferred, Outcome
from domain.payouts.payout import Payout
from domain.payouts.ports import PayoutSender
from domain.payouts.rail_pause import Reach
from domain.payouts.state import PayoutState
from jobs.send_payouts import ask_payouts
from tests.makers.mpesa_payouts import PayDesk


class PowerCut(BaseException):
    """Nothing more is done."""


class Failing:
    """The rail, seen by a worker that dies before or after a call."""

    def __init__(self, rail: PayoutSender, *, is_called: bool) -> None:
        self._rail, self._is_called = rail, is_called

    async def send(self, payout: Payout, *, destination: str) -> Outcome:
        if self._is_called:
            await self._rail.send(payout, destination=destination)
        raise PowerCut

    async def ask(self, payout: Payout, *, destination: str) -> Outcome:
        if self._is_called:
            await self._rail.ask(payout, destination=destination)
        raise PowerCut


async def test_a_payout_is_sent_told_and_paid_once(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)

    await desk.send()
    await desk.require_held(payee, payout, PayoutState.SENDING)
    assert (await desk.payout(payout)).rail_reference == desk.payment.conversation_id
    await desk.heard()

    await desk.require_paid_once(payee, payout)
    assert (await desk.payout(payout)).receipt_number == desk.payment.receipt
    assert desk.payment.body["Amount"] == 1293
    assert desk.payment.body["PartyB"] == "254708374149"
    assert desk.payment.name == payout.label
    assert desk.payment.callback_statuses == [200]


async def test_a_crash_before_the_call_is_asked_about_and_given_back_when_it_never_arrived(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)

    with pytest.raises(PowerCut):
        await desk.send(Failing(desk.adapter, is_called=False))
    await desk.send()
    await desk.require_held(payee, payout, PayoutState.SENDING)
    desk.later(minutes=2)
    await desk.ask_daraja()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    desk.later(minutes=59)
    await desk.ask_daraja()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    desk.later(minutes=2)
    await desk.ask_daraja()

    assert desk.desk.payments == {}
    await desk.require_given_back(payee, payout)


async def test_an_old_word_that_it_never_arrived_is_no_younger_for_having_lain_here(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    with pytest.raises(PowerCut):
        await desk.send(Failing(desk.adapter, is_called=False))
    desk.later(minutes=2)
    await ask_payouts(desk.job_parts())
    await desk.desk.answered()

    desk.later(hours=2)
    await desk.take_in()

    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    await desk.ask_daraja()
    await desk.require_given_back(payee, payout)


async def test_a_crash_after_the_call_is_never_sent_again_and_the_callback_pays(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)

    with pytest.raises(PowerCut):
        await desk.send(Failing(desk.adapter, is_called=True))
    for _ in range(3):
        await desk.send()
    await desk.require_held(payee, payout, PayoutState.SENDING)
    await desk.heard()

    assert desk.desk.duplicates == 0
    await desk.require_paid_once(payee, payout)


async def test_a_crash_before_storing_whose_callback_is_lost_is_paid_by_the_question(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=0)

    with pytest.raises(PowerCut):
        await desk.send(Failing(desk.adapter, is_called=True))
    desk.later(minutes=2)
    await desk.ask_daraja()

    assert desk.desk.asked == 1
    await desk.require_paid_once(payee, payout)


async def test_a_callback_before_the_answer_pays_and_the_answer_changes_nothing(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callback_first=True, answer="slow", slow_seconds=0.2)

    sending = asyncio.create_task(desk.send())
    await desk.called_back()
    await desk.take_in()
    await desk.require_paid_once(payee, payout)
    await sending

    await desk.require_paid_once(payee, payout)


async def test_a_duplicate_callback_is_kept_once_and_books_once(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=3)

    await desk.send()
    await desk.heard()
    assert len(await desk.callbacks()) == 1
    for number in range(3):
        assert await desk.call_back(desk.payment, ResultDesc=f"again {number}")
    await asyncio.gather(*(desk.take_in() for _ in range(4)))

    assert [row.state.name for row in await desk.callbacks()] == ["TAKEN"] * 4
    await desk.require_paid_once(payee, payout)


async def test_a_late_callback_pays_what_was_unknown(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(silent=True, callbacks=0)
    await desk.send()
    for _ in range(5):
        desk.later(minutes=2)
        await desk.ask_daraja()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)

    desk.later(days=1)
    desk.payment.decided_at = desk.commands.now
    assert await desk.call_back(desk.payment)
    await desk.take_in()

    await desk.require_paid_once(payee, payout)


@pytest.mark.parametrize("answer", ["slow", "internal-accepted"])
async def test_a_time_out_or_a_fault_of_theirs_and_then_success_pays_once(desk: PayDesk, answer: str) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(answer=answer, callbacks=0, slow_seconds=1.0)

    await desk.send()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    for _ in range(3):
        await desk.send()
    desk.later(minutes=2)
    await desk.ask_daraja()

    assert desk.desk.duplicates == 0
    await desk.require_paid_once(payee, payout)


async def test_a_fault_of_theirs_that_accepted_nothing_is_given_back(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(answer="internal")

    await desk.send()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    desk.later(minutes=61)
    await desk.ask_daraja()

    assert desk.desk.payments == {}
    await desk.require_given_back(payee, payout)


async def test_an_expired_token_pays_once(desk: PayDesk) -> None:
    payee = await desk.payee()
    first = await desk.approved(payee)
    desk.desk.next(code="4")
    await desk.send()
    await desk.heard()
    assert await desk.state(first) is PayoutState.FAILED
    desk.desk.payments.clear()
    desk.daraja.server.expire_tokens()

    payout = await desk.approved(payee)
    await desk.send()
    await desk.heard()

    assert desk.daraja.server.tokens_given == 2
    await desk.require_paid_once(payee, payout)


async def test_a_queue_time_out_is_unknown_and_completed_by_the_question(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(queue_timeout=True)

    await desk.send()
    await desk.heard()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    desk.later(minutes=2)
    await desk.ask_daraja()

    await desk.require_paid_once(payee, payout)


async def test_a_queue_time_out_is_unknown_and_given_back_when_it_was_not_done(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(queue_timeout=True, code="2040")

    await desk.send()
    await desk.heard()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    desk.later(minutes=2)
    await desk.ask_daraja()

    await desk.require_given_back(payee, payout)


async def test_a_crash_while_asking_costs_one_answer(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=0)
    await desk.send()

    desk.later(minutes=2)
    with pytest.raises(PowerCut):
        await desk.ask_daraja(Failing(desk.adapter, is_called=False))
    desk.later(minutes=2)
    await desk.ask_daraja()

    await desk.require_paid_once(payee, payout)


async def test_a_callback_and_an_answer_to_a_question_at_once_book_once(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=0)
    await desk.send()
    desk.later(minutes=2)

    await asyncio.gather(desk.ask_daraja(), desk.call_back(desk.payment))
    await asyncio.gather(*(desk.take_in() for _ in range(4)))

    await desk.require_paid_once(payee, payout)


async def test_of_many_workers_one_sends(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)

    await asyncio.gather(*(desk.send() for _ in range(5)))
    await desk.heard()

    assert desk.desk.duplicates == 0
    await desk.require_paid_once(payee, payout)


async def test_who_is_busy_is_asked_later_under_the_same_name(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(answer="busy")

    await desk.send()
    await desk.require_held(payee, payout, PayoutState.APPROVED)
    await desk.send()
    assert desk.desk.payments == {}
    desk.later(seconds=10)
    await desk.send()
    await desk.heard()

    assert desk.payment.name == payout.label
    await desk.require_paid_once(payee, payout)


async def test_a_provider_that_is_not_reached_is_asked_later(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    await desk.daraja.stop()

    await desk.send()

    await desk.require_held(payee, payout, PayoutState.APPROVED)
    pause = await desk.pause()
    assert pause is not None
    assert (pause.reach, pause.ends_at is None) == (Reach.SENDING, False)


async def test_a_busy_answer_to_what_was_accepted_is_not_sent_again_once_it_is_told(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    await desk.send(Lying(desk.adapter))
    await desk.require_held(payee, payout, PayoutState.APPROVED)

    await desk.heard()
    desk.later(minutes=1)
    await desk.send()

    await desk.require_paid_once(payee, payout)
    assert desk.desk.duplicates == 0


async def test_a_busy_answer_to_what_was_accepted_is_recognised_by_its_name(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=0)
    await desk.send(Lying(desk.adapter))
    desk.later(minutes=1)

    await desk.send()
    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    assert desk.desk.duplicates == 1
    desk.later(minutes=2)
    await desk.ask_daraja()

    await desk.require_paid_once(payee, payout)


class Lying:
    """The rail, which takes it and says that it did not."""

    def __init__(self, rail: PayoutSender) -> None:
        self._rail = rail

    async def send(self, payout: Payout, *, destination: str) -> Outcome:
        await self._rail.send(payout, destination=destination)
        return Deferred(why="500.003.02", wait=timedelta(seconds=10))

    async def ask(self, payout: Payout, *, destination: str) -> Outcome:
        return await self._rail.ask(payout, destination=destination)
