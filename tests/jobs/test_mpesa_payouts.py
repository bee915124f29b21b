"""Payouts by M-Pesa: to the owner's own phone, paused when the market cannot pay, believed only when it fits."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from domain.errors import InvalidInput
from domain.payouts.callback import PayoutCallbackKind, token_of
from domain.payouts.errors import PayoutRailNotPaused
from domain.payouts.pausing import resume_rail
from domain.payouts.rail_pause import Reach
from domain.payouts.state import PayoutRail, PayoutState
from tests.daraja import Daraja, serving
from tests.makers.mpesa_payouts import PHONE, WAGE, PayDesk, make_mpesa_payouts, make_payer
from tests.makers.wallets import kes, wallet

REASON = "The bank topped it up."


@asynccontextmanager
async def strange_daraja(said: dict[str, str], status: int) -> AsyncIterator[str]:
    """A server that gives tokens, and this answer to everything else."""

    async def answer(request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.json_response({"access_token": "t", "expires_in": "3599"})
        return web.json_response(said, status=status)

    application = web.Application()
    application.router.add_route("*", "/{path:.*}", answer)
    async with serving(application) as url:
        yield url


@pytest.mark.parametrize(
    ("code", "reach"),
    [
        ("1", Reach.SENDING),
        ("11", Reach.SENDING),
        ("21", Reach.SENDING),
        ("2001", Reach.EVERYTHING),
        ("2006", Reach.SENDING),
        ("2028", Reach.SENDING),
        ("8006", Reach.EVERYTHING),
    ],
)
async def test_what_lies_with_the_market_gives_back_and_pauses_the_rail_until_somebody_mends_it(
    desk: PayDesk, code: str, reach: Reach
) -> None:
    payee, other = await desk.payee(), await desk.payee(phone="+254700000001")
    payout = await desk.approved(payee)
    desk.desk.next(code=code)
    await desk.send()
    with redirect_stdout(io.StringIO()) as log:
        await desk.heard()
    await desk.require_given_back(payee, payout)
    waiting = await desk.approved(other)

    desk.later(days=1)
    await desk.send()
    pause = await desk.pause()

    assert "payout_rail_paused" in log.getvalue()
    assert pause is not None
    assert (pause.rail, pause.reach, pause.ends_at, pause.why[: len(code)]) == (PayoutRail.MPESA, reach, None, code)
    assert (await desk.state(waiting), len(desk.desk.payments)) == (PayoutState.APPROVED, 1)
    async with desk.commands.by(desk.clerk) as uow:
        await resume_rail(uow, rail=PayoutRail.MPESA, reason=REASON)
    await desk.send()
    await desk.heard()
    assert await desk.state(waiting) is PayoutState.PAID


@pytest.mark.parametrize("code", ["2", "3", "4", "8", "2040", "SFC_IC0003"])
async def test_what_lies_with_the_payee_gives_back_and_others_go_on(desk: PayDesk, code: str) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(code=code)

    await desk.send()
    await desk.heard()

    await desk.require_given_back(payee, payout)
    assert str((await desk.payout(payout)).failure).startswith(f"{code}: ")
    assert await desk.pause() is None


async def test_a_code_that_nobody_knows_is_neither_success_nor_failure(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(code="7777")

    await desk.send()
    with redirect_stdout(io.StringIO()) as log:
        await desk.heard()

    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    assert "payout_word_not_understood" in log.getvalue()


async def test_a_locked_password_stops_the_questions_as_well(desk: PayDesk) -> None:
    payee, other = await desk.payee(), await desk.payee(phone="+254700000001")
    lost = await desk.approved(payee)
    desk.desk.next(silent=True, callbacks=0)
    await desk.send()
    payout = await desk.approved(other)
    desk.desk.next(code="8006")
    await desk.send()
    await desk.heard()

    desk.later(minutes=10)
    await desk.ask_daraja()
    assert (desk.desk.asked, await desk.state(lost)) == (0, PayoutState.SENDING)
    async with desk.commands.by(desk.clerk) as uow:
        await resume_rail(uow, rail=PayoutRail.MPESA, reason=REASON)
    await desk.ask_daraja()

    assert await desk.state(payout) is PayoutState.FAILED
    assert desk.desk.asked == 1


async def test_a_wrong_password_is_shown_once_and_nobody_loses_their_turn(
    desk: PayDesk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    wrong = make_payer(tmp_path_factory.mktemp("keys"), password="wrong")
    adapter = make_mpesa_payouts(desk.daraja, wrong, desk.commands, desk.gateways, callback_url="http://127.0.0.1:9")

    for _ in range(3):
        await desk.send(adapter)
    await desk.require_held(payee, payout, PayoutState.APPROVED)
    pause = await desk.pause()
    assert pause is not None
    assert (pause.reach, pause.why) == (Reach.EVERYTHING, "500.001.1001")
    async with desk.commands.by(desk.clerk) as uow:
        await resume_rail(uow, rail=PayoutRail.MPESA, reason=REASON)
    await desk.send()
    await desk.heard()

    await desk.require_paid_once(payee, payout)


async def test_what_is_not_paused_is_not_resumed(desk: PayDesk) -> None:
    with pytest.raises(PayoutRailNotPaused):
        async with desk.commands.by(desk.clerk) as uow:
            await resume_rail(uow, rail=PayoutRail.MPESA, reason=REASON)


async def test_a_short_pause_does_not_end_a_long_one(desk: PayDesk) -> None:
    one, two = await desk.payee(), await desk.payee(phone="+254700000001")
    first, second = await desk.approved(one), await desk.approved(two)
    desk.desk.next(code="1", after_seconds=0.2)
    await desk.send()
    await desk.heard()
    assert {await desk.state(first), await desk.state(second)} == {PayoutState.FAILED, PayoutState.PAID}
    third = await desk.approved(one)
    desk.desk.next(answer="busy")

    desk.later(seconds=30)
    await desk.send()

    pause = await desk.pause()
    assert pause is not None
    assert pause.ends_at is None
    assert await desk.state(third) is PayoutState.APPROVED


@pytest.mark.parametrize(
    ("amount", "destination", "field"),
    [
        (kes(999), None, "amount.amount"),
        (kes(1_001), None, "amount.amount"),
        (kes(25_000_100), None, "amount.amount"),
        (WAGE, "+254700000009", "destination"),
        (WAGE, "Equity 0100", "destination"),
    ],
)
async def test_only_whole_shillings_leave_and_only_to_the_owners_own_phone(
    desk: PayDesk, amount: object, destination: str | None, field: str
) -> None:
    payee = await desk.payee()

    with pytest.raises(InvalidInput) as refused:
        await desk.ask(payee, amount, destination=destination)  # type: ignore[arg-type]

    assert ".".join(refused.value.faults[0].path) == field
    assert (await wallet(desk.commands, payee)).held == kes(0)


@pytest.mark.parametrize("phone", [None, "+4915112345678"])
async def test_who_has_no_kenyan_phone_is_not_paid_by_it(desk: PayDesk, phone: str | None) -> None:
    payee = await desk.payee(phone=phone)

    with pytest.raises(InvalidInput, match="destination"):
        await desk.ask(payee)

    assert (await wallet(desk.commands, payee)).held == kes(0)


@pytest.mark.parametrize("destination", [PHONE, "+254 708 374149", None])
async def test_ones_own_phone_may_be_said_or_left_out(desk: PayDesk, destination: str | None) -> None:
    payee = await desk.payee()

    payout = await desk.ask(payee, destination=destination)

    assert payout.destination_hint == "…4149"
    sealed = desk.gateways.sealer.unseal(payout.sealed_destination, about=payout.sealed_about)
    assert sealed == PHONE


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"TransactionAmount": 1292}, "AMOUNT"),
        ({"TransactionAmount": 1293.5}, "AMOUNT"),
        ({"TransactionAmount": None}, "AMOUNT"),
        ({"ReceiverPartyPublicName": "254700000009 - JANE DOE"}, "PHONE"),
        ({"ReceiverPartyPublicName": None}, "PHONE"),
        ({"OriginatorConversationID": "pyo_00000000000000000000000000"}, "NAME"),
        ({"OriginatorConversationID": None}, "UNREADABLE"),
        ({"TransactionReceipt": None}, "UNREADABLE"),
    ],
)
async def test_a_callback_that_does_not_fit_moves_nothing(desk: PayDesk, said: dict[str, Any], why: str) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=0)
    await desk.send()

    assert await desk.call_back(desk.payment, **said)
    with redirect_stdout(io.StringIO()) as log:
        await desk.take_in()

    assert [(row.state.name, row.outcome) for row in await desk.callbacks()] == [("REFUSED", why)]
    assert "callback_refused" in log.getvalue()
    await desk.require_held(payee, payout, PayoutState.SENDING)


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"\x00", b'{"Result": {}}', b'{"Result": {"ResultCode": NaN}}', b"1" * 9_000]
)
async def test_what_cannot_be_read_is_kept_and_refused(desk: PayDesk, body: bytes) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=0)
    await desk.send()

    assert await desk.arrive(token_of(payout.id, desk.gateways.secrets), PayoutCallbackKind.RESULT, body)
    await desk.take_in()

    assert [(row.state.name, row.outcome) for row in await desk.callbacks()] == [("REFUSED", "UNREADABLE")]
    await desk.require_held(payee, payout, PayoutState.SENDING)


async def test_a_token_of_nobody_keeps_nothing(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    token = token_of(payout.id, desk.gateways.secrets)

    for forged in (token[:-1] + ("0" if token[-1] != "0" else "1"), "", "zz", payout.id.hex, token[:32] + "0" * 48):
        assert not await desk.arrive(forged, PayoutCallbackKind.RESULT, b"{}")

    assert await desk.callbacks() == []


async def test_the_receipt_of_another_payout_is_refused(desk: PayDesk) -> None:
    payee, other = await desk.payee(), await desk.payee(phone="+254700000001")
    await desk.approved(payee)
    await desk.send()
    await desk.heard()
    receipt = desk.payment.receipt
    payout = await desk.approved(other)
    desk.desk.next(callbacks=0)
    await desk.send()

    await desk.call_back(desk.desk.payments[payout.label], TransactionReceipt=receipt.lower())
    await desk.take_in()

    assert await desk.state(payout) is PayoutState.SENDING
    assert (await desk.callbacks())[-1].outcome == "RECEIPT"


@pytest.mark.parametrize(
    ("said", "status", "why"),
    [({"ResponseCode": "15", "ConversationID": "AG_1"}, 200, "answer 15"), ({}, 408, None)],
)
async def test_an_answer_that_nobody_knows_is_no_proof_that_nothing_was_taken(
    desk: PayDesk, tmp_path: Path, said: dict[str, str], status: int, why: str | None
) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)

    async with strange_daraja(said, status) as url:
        strange = Daraja(url=url, server=desk.daraja.server, stop=desk.daraja.stop)
        payer = make_payer(tmp_path)
        await desk.send(make_mpesa_payouts(strange, payer, desk.commands, desk.gateways, callback_url=url))

    await desk.require_held(payee, payout, PayoutState.UNKNOWN)
    pause = await desk.pause()
    assert (pause.why if pause else None) == why
