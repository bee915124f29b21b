"""A wallet is topped up by card over HTTP: confirmed as an app does it, heard live elsewhere, and forged by nobody."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from integrations.stripe.signatures import signature_of
from tests.flows.client import Caller
from tests.flows.documents import WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.test_mpesa import BALANCES, PAYMENT_EVENTS, TOP_UP, balance, ended

PAYMENT = """query($id: ID!) { paymentIntent(id: $id) { state
  checkout { state providerReference publicKey clientSecret nextActionUrl decline } } }
"""


@pytest.fixture
async def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


async def ask(payer: Caller, key: str, *, into: str = "USD") -> Any:
    given = {"amount": {"amount": "129.30", "asset": "USD"}, "into": into, "rail": "CARD", "idempotencyKey": key}
    return (await payer.do(TOP_UP, input=given))["payment"]


async def behave(market: Market, http: aiohttp.ClientSession, **behaviour: Any) -> None:
    async with http.post(f"{market.acquirers}/stripe/sandbox/behaviours", json=behaviour) as response:
        assert response.status == 200


async def confirmable(payer: Caller, payment_id: str) -> Any:
    for _ in range(200):
        checkout = (await payer.run(PAYMENT, id=payment_id))["checkout"]
        if checkout["clientSecret"] is not None:
            return checkout
        await asyncio.sleep(0.05)
    raise AssertionError("it was never opened")


async def confirm(market: Market, http: aiohttp.ClientSession, checkout: Any, card: str) -> int:
    """As the acquirer's library in the payer's app does it."""
    form = {"key": checkout["publicKey"], "client_secret": checkout["clientSecret"], "payment_method": card}
    url = f"{market.acquirers}/stripe/v1/payment_intents/{checkout['providerReference']}/confirm"
    async with http.post(url, data=form) as response:
        return response.status


async def test_from_the_wish_over_the_banks_page_to_the_points_heard_live(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    await behave(market, http, pays_with=None)
    payment = await ask(payer, "live", into="POINTS")
    async with payer.at(market.urls["b"]).socket() as socket:
        states = await socket.listen(PAYMENT_EVENTS, id=payment["id"])
        wallet = await socket.listen(WALLET_EVENTS, id=payer.wallets["POINTS"])
        assert (await wallet.next())["wallet"]["available"] == {"amount": "0"}
        heard = [(await states.next())["payment"]["state"]]
        checkout = await confirmable(payer, payment["id"])
        assert await confirm(market, http, checkout, "pm_card_authenticationRequired") == 200
        for _ in range(100):
            asked = (await payer.run(PAYMENT, id=payment["id"]))["checkout"]
            if asked["state"] == "AUTHENTICATING":
                break
            await asyncio.sleep(0.05)
        async with http.get(asked["nextActionUrl"]) as page:
            assert page.status == 200
        while heard[-1] != "PAID":
            heard.append((paid := await states.next())["state"])
        credited = await wallet.next()

    assert heard[-2:] == ["AWAITING_PAYER", "PAID"]
    assert paid["receiptNumber"] == checkout["providerReference"]
    assert credited["wallet"]["available"]["amount"] == payment["topUp"]["result"]["amount"]
    assert (await payer.run(PAYMENT, id=payment["id"]))["checkout"]["clientSecret"] is None


async def test_without_anybodys_doing_the_sandbox_pays(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    await behave(market, http, after_seconds=0.2)

    paid = await ended(payer, (await ask(payer, "by itself"))["id"])

    assert paid["state"] == "PAID"
    assert await balance(payer, "USD") == "129.30"


async def test_a_declined_card_may_be_followed_by_a_good_one(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    await behave(market, http, pays_with=None)
    payment = await ask(payer, "declined")
    checkout = await confirmable(payer, payment["id"])

    assert await confirm(market, http, checkout, "pm_card_visa_chargeDeclinedInsufficientFunds") == 402
    for _ in range(100):
        declined = await payer.run(PAYMENT, id=payment["id"])
        if declined["checkout"]["decline"] == "insufficient_funds":
            break
        await asyncio.sleep(0.05)
    assert (declined["state"], declined["checkout"]["decline"]) == ("AWAITING_PAYER", "insufficient_funds")
    assert await confirm(market, http, checkout, "pm_card_visa") == 200

    assert (await ended(payer, payment["id"]))["state"] == "PAID"
    assert await balance(payer, "USD") == "129.30"


async def test_a_worker_that_is_killed_over_a_call_opens_once_and_the_payer_gets_what_they_paid(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    await behave(market, http, answer="slow", pays_with="pm_card_visa", after_seconds=1.5, slow_seconds=8.0)
    payment = await ask(payer, "killed")
    async with http.get(f"{market.acquirers}/stripe/sandbox/intents") as response:
        before = len(await response.json())
    for _ in range(100):
        async with http.get(f"{market.acquirers}/stripe/sandbox/intents") as response:
            if len(await response.json()) > before:
                break
        await asyncio.sleep(0.05)

    market.kill("worker")
    market.start("worker", "worker")

    # What the killed one had claimed is free again when its lease of a minute ends.
    assert (await ended(payer, payment["id"], within_seconds=90))["state"] == "PAID"
    assert await balance(payer, "USD") == "129.30"


async def test_forged_and_replayed_events_move_nothing(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    await behave(market, http, pays_with=None)
    payment = await ask(payer, "forged")
    checkout = await confirmable(payer, payment["id"])
    url, now = f"{market.urls['a']}/callbacks/card", int(time.time())

    def event(number: int, **changes: Any) -> bytes:
        said = {
            "id": checkout["providerReference"],
            "object": "payment_intent",
            "status": "succeeded",
            "amount": 12_930,
            "amount_received": 12_930,
            "currency": "usd",
        }
        about = {
            "id": f"evt_{checkout['providerReference']}_{number}",
            "created": now,
            "data": {"object": said | changes},
        }
        return json.dumps(about | {"type": "payment_intent.succeeded"}).encode()

    async def post(body: bytes, *, secret: str = "whsec_sandbox", at: int = now, to: str = url) -> int:
        signature = f"t={at},v1={signature_of(secret, str(at), body)}"
        async with http.post(to, data=body, headers={"Stripe-Signature": signature}) as response:
            return response.status

    assert await post(event(1), secret="whsec_forged") == 400
    assert await post(event(2), at=now - 400) == 400
    async with http.post(url, data=event(3)) as response:
        assert response.status == 400
    assert await post(event(4), to=f"{market.urls['a']}/callbacks/cheque") == 404
    assert await post(event(5) + b" " * 300_000) == 413
    async with http.get(url) as response:
        assert response.status == 405
    assert await post(event(6, amount_received=12_929)) == 200
    assert await post(event(7, currency="eur")) == 200
    assert await post(event(8, id="pi_of_nobody")) == 200
    await asyncio.sleep(1.0)
    assert (await payer.run(PAYMENT, id=payment["id"]))["state"] == "AWAITING_PAYER"
    wallets = (await payer.run(BALANCES))["wallets"]
    assert {one["available"]["amount"] for one in wallets} <= {"0", "0.00", "0.000000"}

    statuses = await asyncio.gather(*(post(event(9)) for _ in range(5)))
    assert statuses == [200] * 5
    assert (await ended(payer, payment["id"]))["state"] == "PAID"
    await asyncio.sleep(0.5)
    assert await balance(payer, "USD") == "129.30"
    logs = "".join((market.folder / f"{name}.log").read_text() for name in ("a", "b", "worker"))
    for why in ("AMOUNT", "CURRENCY", "PAYMENT"):
        assert f'"why": "{why}"' in logs
    assert checkout["clientSecret"] not in logs
