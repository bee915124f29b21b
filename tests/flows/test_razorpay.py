"""A wallet is topped up by Razorpay over HTTP: paid in its checkout, shown by the app, captured, heard live."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.test_cards import PAYMENT
from tests.flows.test_mpesa import PAYMENT_EVENTS, TOP_UP, balance, ended

CONFIRM = """
mutation($input: CheckoutConfirmInput!) { checkoutConfirm(input: $input) {
  payment { state checkout { state } } errors { __typename message path reason } } }
"""


@pytest.fixture
async def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


async def ask(market: Market, http: aiohttp.ClientSession, payer: Caller, **behaviour: Any) -> Any:
    """A payment that may be paid now."""
    async with http.post(f"{market.acquirers}/razorpay/sandbox/behaviours", json=behaviour) as response:
        assert response.status == 200
    given = {"amount": {"amount": "1293.00", "asset": "INR"}, "into": "INR", "rail": "RAZORPAY", "idempotencyKey": "k"}
    payment = (await payer.do(TOP_UP, input=given))["payment"]
    for _ in range(200):
        checkout = (await payer.run(PAYMENT, id=payment["id"]))["checkout"]
        if checkout["providerReference"] is not None:
            return payment | {"checkout": checkout}
        await asyncio.sleep(0.05)
    raise AssertionError("it was never opened")


async def pay(market: Market, http: aiohttp.ClientSession, payment: Any) -> Any:
    """As Razorpay's checkout in the payer's app does it; what it tells the app."""
    checkout = payment["checkout"]
    form = {"key_id": checkout["publicKey"], "order_id": checkout["providerReference"], "vpa": "success@razorpay"}
    async with http.post(f"{market.acquirers}/razorpay/v1/payments/create/ajax", data=form) as response:
        assert response.status == 200
        return await response.json()


async def test_from_the_wish_over_what_the_app_shows_to_the_money_heard_live(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    payment = await ask(market, http, payer, pays_with=None, callbacks=0)
    async with payer.at(market.urls["b"]).socket() as socket:
        states = await socket.listen(PAYMENT_EVENTS, id=payment["id"])
        heard = [(await states.next())["payment"]["state"]]
        told = await pay(market, http, payment)
        given = {
            "paymentId": payment["id"],
            "providerPaymentId": told["razorpay_payment_id"],
            "signature": told["razorpay_signature"],
        }
        stranger = await (await come_in(market, http)).run(CONFIRM, input=given)
        forged = await payer.run(CONFIRM, input=given | {"signature": "0" * 64})
        confirmed = await payer.do(CONFIRM, input=given)
        while heard[-1] != "PAID":
            heard.append((paid := await states.next())["state"])
        again = await payer.do(CONFIRM, input=given)

    assert [error["__typename"] for error in stranger["errors"]] == ["NotFoundError"]
    assert [(error["__typename"], error["path"]) for error in forged["errors"]] == [("ValidationError", ["signature"])]
    assert confirmed["payment"]["state"] == "AWAITING_PAYER"
    assert paid["receiptNumber"] == told["razorpay_payment_id"]
    assert again["payment"]["state"] == "PAID"
    assert await balance(payer, "INR") == "1293.00"


async def test_without_anybodys_doing_the_sandbox_pays(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    payment = await ask(market, http, payer, after_seconds=0.2, callbacks=2)

    assert (await ended(payer, payment["id"]))["state"] == "PAID"
    assert await balance(payer, "INR") == "1293.00"


async def test_what_nobody_signed_is_refused(market: Market, http: aiohttp.ClientSession, payer: Caller) -> None:
    payment = await ask(market, http, payer, pays_with=None)
    for headers in ({}, {"X-Razorpay-Signature": "0" * 64}):
        async with http.post(f"{market.urls['a']}/callbacks/razorpay", json={"a": 1}, headers=headers) as response:
            assert response.status == 400

    assert (await payer.run(PAYMENT, id=payment["id"]))["state"] == "AWAITING_PAYER"
