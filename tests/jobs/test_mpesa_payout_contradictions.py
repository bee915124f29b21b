"""Payouts by M-Pesa that are told of both ways: finance is told, and money moves by finance's word only."""

from __future__ import annotations

import dataclasses
import io
from contextlib import redirect_stdout

import pytest

from db.reads.payouts import open_payouts
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.errors import InsufficientFunds
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset
from domain.page import PageRequest
from domain.payouts.errors import PayoutNotUnderWay
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout
from domain.payouts.review import reject_payout
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutState
from tests.jobs.test_mpesa_payout_faults import Lying
from tests.makers.mpesa_payouts import RICH, WAGE, PayDesk
from tests.makers.wallets import kes, verified, wallet

REASON = "The statement of M-Pesa says so."


async def told_both_ways(desk: PayDesk) -> tuple[Actor, Payout]:
    """Failed and given back; then a success is called back, twice."""
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(code="4")
    await desk.send()
    await desk.heard()
    await desk.require_given_back(payee, payout)
    desk.payment.code = "0"
    with redirect_stdout(io.StringIO()) as log:
        for number in range(2):
            assert await desk.call_back(desk.payment, ResultDesc=f"paid {number}")
            await desk.take_in()
    assert log.getvalue().count("payout_told_both_ways") == 2
    return payee, payout


async def queued(desk: PayDesk) -> list[Payout]:
    async with desk.commands.database.read() as connection:
        return list((await open_payouts(connection, page=PageRequest())).items)


async def settle(desk: PayDesk, payout: Payout, outcome: Paid | Failed, *, by: Actor | None = None) -> Payout:
    async with desk.commands.by(by or desk.clerk) as uow:
        return await settle_payout(uow, payout_id=payout.id, outcome=outcome, reason=REASON)


async def test_a_success_after_a_failure_moves_nothing_and_waits_for_finance(desk: PayDesk) -> None:
    payee, payout = await told_both_ways(desk)

    await desk.require_given_back(payee, payout)
    assert (await desk.payout(payout)).contradicted_by == desk.payment.receipt
    assert [one.id for one in await queued(desk)] == [payout.id]
    told = [row.body["contradicted_by"] for row in await desk.commands.events("payout.updated")]
    assert told.count(desk.payment.receipt) == 1


async def test_finance_takes_back_what_left_nevertheless(desk: PayDesk) -> None:
    payee, payout = await told_both_ways(desk)

    with pytest.raises(OwnAccount):
        await settle(desk, payout, Paid(desk.payment.receipt), by=payee)
    await settle(desk, payout, Paid(desk.payment.receipt))

    await desk.require_paid_once(payee, payout)
    assert await queued(desk) == []
    with pytest.raises(PayoutNotUnderWay):
        await settle(desk, payout, Paid(desk.payment.receipt))
    await desk.require_paid_once(payee, payout)


async def test_what_was_spent_meanwhile_cannot_be_taken_back_and_stays_open(desk: PayDesk) -> None:
    payee, payout = await told_both_ways(desk)
    spent = Move(chart.user_wallet(payee.user_id, Asset.KES), chart.adjustments(Asset.KES), RICH)
    async with desk.commands.by_system() as uow:
        await post(uow, Transfer("spent", TransferCode.ADJUSTMENT, (spent,)))

    with pytest.raises(InsufficientFunds):
        await settle(desk, payout, Paid(desk.payment.receipt))

    assert await desk.state(payout) is PayoutState.FAILED
    assert (await wallet(desk.commands, payee)).balance == kes(0)
    assert [one.id for one in await queued(desk)] == [payout.id]


async def test_finance_finds_that_the_rail_was_wrong(desk: PayDesk) -> None:
    payee, payout = await told_both_ways(desk)

    await settle(desk, payout, Failed("Nothing left, M-Pesa says"))

    await desk.require_given_back(payee, payout)
    assert await queued(desk) == []


async def test_a_failure_after_a_success_moves_nothing_and_is_an_alarm(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    await desk.send()
    await desk.heard()

    await desk.call_back(dataclasses.replace(desk.payment, code="2040"))
    with redirect_stdout(io.StringIO()) as log:
        await desk.take_in()

    assert "payout_told_both_ways" in log.getvalue()
    await desk.require_paid_once(payee, payout)


async def test_one_that_was_put_back_and_kept_and_left_nevertheless_is_told_both_ways(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await desk.approved(payee)
    desk.desk.next(callbacks=0)
    await desk.send(Lying(desk.adapter))
    async with desk.commands.by(desk.clerk) as uow:
        await reject_payout(uow, payout_id=payout.id, reason="Not today")

    await desk.call_back(desk.payment)
    await desk.take_in()

    assert (await wallet(desk.commands, payee)).balance == RICH
    assert (await desk.payout(payout)).contradicted_by == desk.payment.receipt
    await settle(desk, payout, Paid(desk.payment.receipt))
    assert await desk.state(payout) is PayoutState.PAID
    assert (await wallet(desk.commands, payee)).balance == RICH - WAGE
    assert (await verified(desk.commands)).is_sound
