"""What callbacks said is forgotten when it is old, was taken in and is about nothing that is open; nothing else is."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import Row, select, update

from db.acquirer_inbox import SignedCallback
from db.tables.checkouts import acquirer_callbacks
from db.tables.mpesa import mpesa_callbacks
from domain.errors import InvalidInput
from domain.identity.actor import Actor
from domain.payments.callback_inbox import CallbackState
from domain.payments.cancelling import cancel_payment
from domain.payments.state import PaymentState
from domain.payouts.callback import PayoutCallbackKind
from domain.payouts.outcome import Failed
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutState
from domain.settings.publishing import update_setting
from jobs.empty_callbacks import empty_old_callbacks
from jobs.expire_payments import expire_overdue_payments
from tests.commands import Commands
from tests.makers.checkouts import CardDesk
from tests.makers.mpesa import Till
from tests.makers.mpesa_payouts import PayDesk

DAYS = 90


async def card_callbacks(commands: Commands) -> list[Row[Any]]:
    rows = select(acquirer_callbacks).order_by(acquirer_callbacks.c.received_at, acquirer_callbacks.c.id)
    async with commands.database.read() as connection:
        return list(await connection.execute(rows))


async def test_after_ninety_days_what_became_of_it_is_left_and_the_same_is_not_taken_in_again(
    till: Till, payer: Actor
) -> None:
    await till.ask(payer)
    await till.push()
    await till.call_back(till.prompt)
    await till.take_in()
    [before] = await till.callbacks()
    till.later(days=DAYS)
    await empty_old_callbacks(till.parts)
    assert await till.callbacks() == [before]

    till.later(seconds=1)
    await empty_old_callbacks(till.parts)
    await till.call_back(till.prompt)
    await till.take_in()

    assert b"254708374149" in before.body
    [after] = await till.callbacks()
    assert after._mapping == {**before._mapping, "body": b""}
    await till.require_paid_once(payer)


async def test_what_was_refused_is_forgotten_and_what_nobody_took_in_is_not(till: Till, payer: Actor) -> None:
    await till.ask(payer)
    await till.push()
    await till.call_back(till.prompt)
    await till.take_in()
    token = till.prompt.body["CallBackURL"].rsplit("/", 1)[1]
    await till.arrive(token, b"nonsense")
    await till.take_in()
    for waiting in (b"unread", b"dead"):
        await till.arrive(token, waiting)
    async with till.commands.database.transaction() as connection:
        dead = update(mpesa_callbacks).where(mpesa_callbacks.c.body == b"dead").values(state=CallbackState.DEAD)
        await connection.execute(dead)

    till.later(days=DAYS, seconds=1)
    await empty_old_callbacks(till.parts)

    assert sorted((row.state, row.body) for row in await till.callbacks()) == [
        (CallbackState.DEAD, b"dead"),
        (CallbackState.REFUSED, b""),
        (CallbackState.TAKEN, b""),
        (CallbackState.WAITING, b"unread"),
    ]


async def test_what_is_about_an_open_payment_is_kept_until_it_has_ended(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer)
    await till.push()
    await till.call_back(till.prompt, Amount=1)
    await till.take_in()
    till.later(days=DAYS, seconds=1)
    assert await till.state(payment) is PaymentState.AWAITING_PAYER

    await empty_old_callbacks(till.parts)
    [kept] = await till.callbacks()
    async with till.commands.by(payer) as uow:
        await cancel_payment(uow, payment_id=payment)
    await empty_old_callbacks(till.parts)
    [emptied] = await till.callbacks()

    assert (kept.state, bool(kept.body)) == (CallbackState.REFUSED, True)
    assert (await till.state(payment), emptied.body) == (PaymentState.CANCELLED, b"")


async def test_what_is_about_an_open_payout_is_kept_and_what_was_told_both_ways_too(desk: PayDesk) -> None:
    payee = await desk.payee()
    desk.desk.next(queue_timeout=True, silent=True)
    payout = await desk.approved(payee)
    await desk.send()
    await desk.heard()
    desk.later(days=DAYS, seconds=1)

    async def bodies() -> list[bool]:
        await empty_old_callbacks(desk.parts)
        return [bool(row.body) for row in await desk.callbacks()]

    assert (await desk.state(payout), await bodies()) == (PayoutState.UNKNOWN, [True])
    async with desk.commands.by(desk.clerk) as uow:
        await settle_payout(uow, payout_id=payout.id, outcome=Failed("Nobody knows of it"), reason="They said so")
    desk.payment.code, desk.payment.decided_at = "0", desk.commands.now
    await desk.call_back(desk.payment)
    await desk.take_in()
    desk.later(days=DAYS, seconds=1)
    assert (await desk.payout(payout)).contradicted_by == desk.payment.receipt
    assert await bodies() == [True, True]
    async with desk.commands.by(desk.clerk) as uow:
        await settle_payout(uow, payout_id=payout.id, outcome=Failed("It came back"), reason="Their letter says so")
    assert await bodies() == [False, False]
    token = str(desk.payment.body["ResultURL"]).rsplit("/", 2)[1]
    for row in await desk.callbacks():
        assert row.kind in (PayoutCallbackKind.TIMEOUT, PayoutCallbackKind.RESULT)
    assert await desk.arrive(token, PayoutCallbackKind.RESULT, orjson.dumps({"Result": {}}))
    assert len(await desk.callbacks()) == 3


async def test_of_acquirers_nothing_is_forgotten_that_an_open_payment_may_have_been_told_by(
    cards: CardDesk, payer: Actor
) -> None:
    payment = await cards.opened(payer)
    await cards.pay("pm_card_authenticationRequired")
    cards.later(days=DAYS, seconds=1)
    assert await cards.state(payment) is PaymentState.AWAITING_PAYER
    await empty_old_callbacks(cards.parts)
    kept = await card_callbacks(cards.commands)

    await expire_overdue_payments(cards.parts)
    await empty_old_callbacks(cards.parts)
    emptied = await card_callbacks(cards.commands)
    again = SignedCallback(
        rail=kept[0].rail,
        event_id=kept[0].event_id,
        body=kept[0].body,
        source="127.0.0.1",
        request_id="req-2",
        at=cards.commands.now,
    )
    await cards.inbox.keep(again)

    assert {row.state for row in kept} == {CallbackState.TAKEN}
    assert all(row.body for row in kept)
    assert [row._mapping for row in emptied] == [{**row._mapping, "body": b""} for row in kept]
    assert await card_callbacks(cards.commands) == emptied


async def test_admins_say_how_long_and_never_less_than_a_month(till: Till, payer: Actor) -> None:
    await till.ask(payer)
    await till.push()
    await till.call_back(till.prompt)
    await till.take_in()
    for days in ("29", "3651"):
        with pytest.raises(InvalidInput):
            async with till.commands.by_system() as uow:
                await update_setting(uow, key="callback_bodies_kept_days", value=days, reason="To see less")
    async with till.commands.by_system() as uow:
        await update_setting(uow, key="callback_bodies_kept_days", value="120", reason="A dispute takes longer")

    till.later(days=DAYS, seconds=1)
    await empty_old_callbacks(till.parts)
    [kept] = await till.callbacks()
    till.later(days=30)
    await empty_old_callbacks(till.parts)

    [emptied] = await till.callbacks()
    assert (bool(kept.body), emptied.body) == (True, b"")
