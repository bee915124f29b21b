"""A wallet is topped up by PayPal over HTTP: approved at its address, captured by the worker, heard live elsewhere."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.test_cards import PAYMENT
from tests.flows.test_mpesa import PAYMENT_EVENTS, TOP_UP, balance


@pytest.fixture
async def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


async def ask(market: Market, http: aiohttp.ClientSession, payer: Caller, **behaviour: Any) -> Any:
    async with http.post(f"{market.acquirers}/paypal/sandbox/behaviours", json=behaviour) as response:
        assert response.status == 200
    money = {"amount": "129.30", "asset": "EUR"}
    given = {"amount": money, "into": "EUR", "rail": "PAYPAL", "idempotencyKey": "k"}
    return (await payer.do(TOP_UP, input=given))["payment"]


async def test_from_the_wish_over_the_approval_to_the_money_heard_live(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    payment = await ask(market, http, payer, is_approved=False)
    async with payer.at(market.urls["b"]).socket() as socket:
        states = await socket.listen(PAYMENT_EVENTS, id=payment["id"])
        heard = [(await states.next())["payment"]["state"]]
        for _ in range(200):
            checkout = (await payer.run(PAYMENT, id=payment["id"]))["checkout"]
            if checkout["nextActionUrl"] is not None:
                break
            await asyncio.sleep(0.05)
        assert (checkout["clientSecret"], checkout["publicKey"]) == (None, "sandbox-client")
        async with http.get(checkout["nextActionUrl"]) as page:
            assert page.status == 200
        while heard[-1] != "PAID":
            heard.append((await states.next())["state"])

    assert heard[-2:] == ["AWAITING_PAYER", "PAID"]
    assert await balance(payer, "EUR") == "129.30"


async def test_what_nobody_signed_is_refused(market: Market, http: aiohttp.ClientSession, payer: Caller) -> None:
    payment = await ask(market, http, payer, is_approved=False)
    forged = {
        "PayPal-Transmission-Id": "x",
        "PayPal-Transmission-Time": "2026-11-20T12:00:00Z",
        "PayPal-Transmission-Sig": "AAAA",
        "PayPal-Cert-Url": "https://evil.example/v1/notifications/certs/CERT-1",
        "PayPal-Auth-Algo": "SHA256withRSA",
    }
    for headers in ({}, forged):
        async with http.post(f"{market.urls['a']}/callbacks/paypal", json={"id": "WH-1"}, headers=headers) as response:
            assert response.status == 400

    assert (await payer.run(PAYMENT, id=payment["id"]))["state"] != "PAID"
