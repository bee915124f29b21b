"""A payment by M-Pesa from the wish to the money, and what is refused on the way."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from domain.errors import InvalidInput, QuotaExceeded
from domain.identity.actor import Actor
from domain.money import Asset, Money
from domain.payments.errors import RailUnavailable
from domain.payments.mpesa_request import PushState
from domain.payments.requesting import Way
from domain.payments.state import PaymentState, Rail
from domain.wallets.topping_up import request_top_up
from tests.makers.conversion import TERMS
from tests.makers.mpesa import PHONE, SHILLINGS, Till, make_payer
from tests.makers.wallets import verified, wallet

LARGE = Money(1_000_100, Asset.KES)


async def pushed(till: Till, payer: Actor, amount: Money = SHILLINGS) -> Any:
    payment = await till.ask(payer, amount)
    await till.push()
    return payment


async def test_from_the_wish_to_the_points(till: Till, payer: Actor) -> None:
    till.daraja.next(callbacks=1, after_seconds=0.01)
    payment = await till.ask(payer, into=Asset.POINTS)

    await till.push()
    await till.paid_on_phone()

    shown = await till.payment(payment)
    assert shown.mpesa is not None
    assert shown.intent.receipt_number == till.prompt.checkout_request_id == shown.intent.provider_reference
    assert (shown.mpesa.receipt, shown.mpesa.result_code) == (till.prompt.receipt, "0")
    assert (till.prompt.body["Amount"], till.prompt.body["PhoneNumber"]) == (1_293, int(PHONE[1:]))
    assert till.prompt.body["AccountReference"] == shown.mpesa.reference
    told = [event.body["state"] for event in await till.commands.events("payment.updated")]
    assert told == ["REQUESTED", "AWAITING_PAYER", "PAID"]
    assert (await wallet(till.commands, payer, Asset.POINTS)).balance == Money(990, Asset.POINTS)
    assert (await verified(till.commands)).is_sound


async def test_neither_phone_nor_token_is_audited_or_told(till: Till, payer: Actor) -> None:
    await pushed(till, payer)
    await till.call_back(till.prompt)
    await till.take_in()

    left = repr([tuple(row) for row in await till.commands.trail() + await till.commands.events()])
    assert "mpesa_requests" in left
    assert PHONE[1:] not in left
    assert till.prompt.body["CallBackURL"].rsplit("/", 1)[1] not in left


async def test_a_phone_is_asked_ten_times_an_hour_by_whomever(till: Till, payer: Actor) -> None:
    other = await make_payer(till.commands)
    for _ in range(5):
        await till.ask(payer)
        await till.ask(other)
        till.later(minutes=1)

    for who in (payer, other, await make_payer(till.commands)):
        with pytest.raises(QuotaExceeded) as refused:
            await till.ask(who)
        assert refused.value.retry_after_seconds == 55 * 60
    assert len(await till.commands.events("payment.updated")) == 10
    await till.ask(payer, phone="+254700000001")
    till.later(minutes=55)
    await till.ask(await make_payer(till.commands))


async def test_of_many_who_ask_a_phone_at_once_ten_do(till: Till) -> None:
    payers = [await make_payer(till.commands) for _ in range(14)]

    asked = await asyncio.gather(*(till.ask(each) for each in payers), return_exceptions=True)

    assert sum(isinstance(each, QuotaExceeded) for each in asked) == 4


async def test_the_payers_own_phone_is_asked_unless_another_is_named(till: Till, payer: Actor) -> None:
    payment = await till.ask(payer, phone=None)

    async with till.commands.by_system() as uow:
        own = (await uow.users.get(payer.user_id)).phone
    assert (await till.request(payment)).phone == own


@pytest.mark.parametrize(
    ("amount", "phone"),
    [
        (Money(129_250, Asset.KES), PHONE),
        (Money(25_000_100, Asset.KES), PHONE),
        (Money(1_000, Asset.USD), PHONE),
        (SHILLINGS, "+447700900123"),
        (SHILLINGS, "+2547083741"),
    ],
)
async def test_what_m_pesa_does_not_take_is_refused(till: Till, payer: Actor, amount: Money, phone: str) -> None:
    with pytest.raises(InvalidInput):
        await till.ask(payer, amount, into=amount.asset, phone=phone)

    assert await till.commands.events() == []


async def test_where_m_pesa_is_closed_nothing_is_asked(till: Till, payer: Actor) -> None:
    closed = Way(rail=Rail.MPESA, open_rails=frozenset({Rail.BANK_TRANSFER}), phone=PHONE)

    with pytest.raises(RailUnavailable):
        async with till.commands.by(payer) as uow:
            await request_top_up(uow, amount=SHILLINGS, into=Asset.KES, way=closed, terms=TERMS)

    assert await till.commands.events() == []


@pytest.mark.parametrize(
    ("code", "state", "failure", "alerts"),
    [
        ("1", PaymentState.FAILED, "1: ", False),
        ("17", PaymentState.FAILED, "17: ", False),
        ("1019", PaymentState.EXPIRED, None, False),
        ("1032", PaymentState.CANCELLED, None, False),
        ("1037", PaymentState.EXPIRED, None, False),
        ("2001", PaymentState.FAILED, "2001: ", False),
        ("2028", PaymentState.FAILED, "2028: ", True),
        ("SFC_IC0003", PaymentState.FAILED, "SFC_IC0003: ", True),
        ("4711", PaymentState.FAILED, "UNCLASSIFIED:4711: ", True),
    ],
)
@pytest.mark.parametrize("way", ["callback", "query"])
async def test_every_result_ends_the_payment(
    till: Till, payer: Actor, code: str, state: PaymentState, failure: str | None, alerts: bool, way: str
) -> None:
    till.daraja.next(code=code)
    payment = await pushed(till, payer)

    with capture_logs() as logs:
        if way == "callback":
            await till.call_back(till.prompt)
            await till.take_in()
        else:
            till.later(seconds=75)
            await till.query()

    intent = (await till.payment(payment)).intent
    assert intent.state is state
    assert (intent.failure or "").startswith(failure or "")
    request = await till.request(payment)
    assert request.result_code == code
    assert request.requested_at is not None
    # What a callback says is asked about once more.
    assert request.next_query_at == (request.requested_at + timedelta(minutes=15) if way == "callback" else None)
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["result_needs_a_look"] * alerts
    assert await till.bookings() == 0


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"Amount": 1294}, "AMOUNT"),
        ({"Amount": 1293.01}, "AMOUNT"),
        ({"Amount": "1293"}, "AMOUNT"),
        ({"Amount": None}, "AMOUNT"),
        ({"PhoneNumber": 254700000000}, "PHONE"),
        ({"PhoneNumber": None}, "PHONE"),
        ({"MpesaReceiptNumber": None}, "RECEIPT"),
        ({"CheckoutRequestID": "ws_CO_01012026000000000000000"}, "CHECKOUT"),
    ],
)
async def test_a_callback_that_does_not_fit_moves_nothing(
    till: Till, payer: Actor, said: dict[str, Any], why: str
) -> None:
    payment = await pushed(till, payer)

    with capture_logs() as logs:
        assert await till.call_back(till.prompt, **said)
        await till.take_in()

    (refused,) = [line for line in logs if line["log_level"] == "error"]
    assert (refused["event"], refused["why"], refused["request_id"]) == ("callback_refused", why, "req-callback")
    assert [(row.state.name, row.outcome) for row in await till.callbacks()] == [("REFUSED", why)]
    assert await till.state(payment) is PaymentState.AWAITING_PAYER
    assert (await till.request(payment)).result_code is None
    assert await till.bookings() == 0
    till.later(seconds=75)
    await till.query()
    assert await till.state(payment) is PaymentState.PAID


async def test_the_receipt_or_checkout_of_another_payment_is_refused(till: Till, payer: Actor) -> None:
    await pushed(till, payer)
    first = till.prompt
    await till.call_back(first)
    await till.take_in()
    till.daraja.prompts.clear()
    second = await pushed(till, payer)

    await till.call_back(till.prompt, MpesaReceiptNumber=first.receipt)
    await till.call_back(till.prompt, CheckoutRequestID=first.checkout_request_id)
    await till.take_in()

    assert sorted(row.outcome for row in await till.callbacks()) == ["CHECKOUT", "PAID", "RECEIPT"]
    assert await till.state(second) is PaymentState.AWAITING_PAYER
    assert await till.bookings() == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"\x00\xff", json.dumps({"Body": {"stkCallback": {}}}).encode()])
async def test_what_cannot_be_read_is_kept_and_refused(till: Till, payer: Actor, body: bytes) -> None:
    payment = await pushed(till, payer)
    token = till.prompt.body["CallBackURL"].rsplit("/", 1)[1]

    assert await till.arrive(token, body)
    await till.call_back(till.prompt)
    await till.take_in()

    assert sorted((row.state.name, row.outcome) for row in await till.callbacks()) == [
        ("REFUSED", "UNREADABLE"),
        ("TAKEN", "PAID"),
    ]
    assert await till.state(payment) is PaymentState.PAID


async def test_a_token_of_nobody_keeps_nothing(till: Till, payer: Actor) -> None:
    await pushed(till, payer)

    assert not await till.arrive("a-guess", b"{}")
    assert await till.callbacks() == []


async def test_a_large_sum_is_credited_once_it_is_confirmed(till: Till, payer: Actor) -> None:
    payment = await pushed(till, payer, LARGE)
    await till.call_back(till.prompt)

    await till.take_in()
    assert await till.state(payment) is PaymentState.AWAITING_PAYER
    assert await till.bookings() == 0
    await till.query()

    assert [row.outcome for row in await till.callbacks()] == ["CONFIRMING"]
    assert await till.state(payment) is PaymentState.PAID
    assert await till.shillings_of(payer) == LARGE.minor


async def test_a_forged_large_sum_is_not_confirmed(till: Till, payer: Actor) -> None:
    till.daraja.next(code="1037", after_seconds=60)
    payment = await pushed(till, payer, LARGE)
    await till.call_back(till.prompt, code="0")
    await till.call_back(till.prompt, code="1032")

    await till.take_in()
    await till.query()
    assert await till.state(payment) is PaymentState.AWAITING_PAYER
    till.later(seconds=75)
    await till.query()

    assert await till.state(payment) is PaymentState.EXPIRED
    assert await till.bookings() == 0


async def test_it_is_asked_by_plan_and_expires_when_nobody_can_ever_say(till: Till, payer: Actor) -> None:
    till.daraja.next(silent=True)
    payment = await pushed(till, payer)
    asked: list[int] = []
    started = till.commands.now

    with capture_logs() as logs:
        while (due := (await till.request(payment)).next_query_at) is not None:
            till.commands.now = due
            await till.run_everything()
            asked.append(int((due - started).total_seconds()))
        await till.expire()

    assert asked[:6] == [75, 90, 120, 300, 900, 3_600]
    assert (len(asked), asked[-1]) == (29, 86_400)
    assert await till.state(payment) is PaymentState.EXPIRED
    assert "result_never_known" in [line["event"] for line in logs]
    assert await till.bookings() == 0


async def test_it_does_not_expire_while_m_pesa_may_still_say(till: Till, payer: Actor) -> None:
    till.daraja.next(silent=True)
    payment = await pushed(till, payer)

    till.later(minutes=16)
    await till.run_everything()

    assert await till.state(payment) is PaymentState.AWAITING_PAYER
    assert (await till.request(payment)).state is PushState.SENT


async def test_looking_for_work_leaves_no_trace(till: Till) -> None:
    before = len(await till.commands.trail())

    await till.run_everything()

    assert len(await till.commands.trail()) == before
