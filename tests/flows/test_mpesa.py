"""A wallet is topped up by M-Pesa over HTTP: heard live elsewhere, once whatever dies, and forged by nobody."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.documents import WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.phones import PHONES, behave, prompted, prompts

TOP_UP = """
mutation($input: TopUpRequestInput!) { topUpRequest(input: $input) {
  payment { id state mpesa { phone reference } topUp { result { amount } } } errors { message reason } } }
"""
PAYMENT = "query($id: ID!) { paymentIntent(id: $id) { state failure mpesa { receiptNumber resultCode } } }"
BALANCES = "{ viewer { wallets { available { amount asset } } } }"
PAYMENT_EVENTS = """
subscription($id: ID!) { paymentEvents(paymentId: $id) {
  __typename
  ... on PaymentSnapshot { payment { state } }
  ... on PaymentUpdated { type state receiptNumber } } }
"""


@pytest.fixture
async def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


@pytest.fixture
def phone() -> int:
    """One that nobody else has, so that its prompts are this test's."""
    return next(PHONES)


async def ask(payer: Caller, phone: int, *, amount: str = "1293", into: str = "POINTS") -> Any:
    money = {"amount": amount, "asset": "KES"}
    given = {"amount": money, "into": into, "rail": "MPESA", "phone": f"+{phone}", "idempotencyKey": f"{phone}"}
    return (await payer.do(TOP_UP, input=given))["payment"]


async def ended(payer: Caller, payment_id: str, *, within_seconds: int = 40) -> Any:
    for _ in range(within_seconds * 20):
        payment = await payer.run(PAYMENT, id=payment_id)
        if payment["state"] not in ("REQUESTED", "AWAITING_PAYER"):
            return payment
        await asyncio.sleep(0.05)
    raise AssertionError(f"it did not end: {payment}")


async def balance(payer: Caller, asset: str) -> str:
    wallets = (await payer.run(BALANCES))["wallets"]
    return str(next(one["available"]["amount"] for one in wallets if one["available"]["asset"] == asset))


async def test_from_the_wish_to_the_points_heard_live(
    market: Market, http: aiohttp.ClientSession, payer: Caller, phone: int
) -> None:
    await behave(market, http, after_seconds=1.0)
    payment = await ask(payer, phone)
    async with payer.at(market.urls["b"]).socket() as socket:
        states = await socket.listen(PAYMENT_EVENTS, id=payment["id"])
        wallet = await socket.listen(WALLET_EVENTS, id=payer.wallets["POINTS"])
        assert (await wallet.next())["wallet"]["available"] == {"amount": "0"}
        heard = [(await states.next())["payment"]["state"]]
        while heard[-1] != "PAID":
            heard.append((paid := await states.next())["state"])

        credited = await wallet.next()

    prompt = await prompted(market, http, phone)
    assert heard[-2:] == ["AWAITING_PAYER", "PAID"]
    assert paid["receiptNumber"] == prompt["checkoutRequestId"]
    assert credited["wallet"]["available"]["amount"] == payment["topUp"]["result"]["amount"] == "990"
    shown = await payer.run(PAYMENT, id=payment["id"])
    assert shown["mpesa"] == {"receiptNumber": prompt["receipt"], "resultCode": "0"}
    assert prompt["callbackStatuses"] == [200]
    assert prompt["amount"] == 1293


async def test_a_cancel_on_the_phone_is_told(
    market: Market, http: aiohttp.ClientSession, payer: Caller, phone: int
) -> None:
    await behave(market, http, code="1032", after_seconds=0.2)

    payment = await ended(payer, (await ask(payer, phone))["id"])

    assert payment["state"] == "CANCELLED"
    assert payment["mpesa"]["resultCode"] == "1032"
    assert await balance(payer, "POINTS") == "0"


async def test_a_worker_that_is_killed_over_a_push_pushes_once_and_the_payer_gets_what_they_paid(
    market: Market, http: aiohttp.ClientSession, payer: Caller, phone: int
) -> None:
    await behave(market, http, answer="slow", after_seconds=1.5, slow_seconds=8.0)
    payment = await ask(payer, phone, into="KES")
    await prompted(market, http, phone)

    market.kill("worker")
    market.start("worker", "worker")
    paid = await ended(payer, payment["id"])

    assert paid["state"] == "PAID"
    assert len(await prompts(market, http, phone)) == 1
    assert await balance(payer, "KES") == "1293.00"


async def test_forged_callbacks_move_nothing(
    market: Market, http: aiohttp.ClientSession, payer: Caller, phone: int
) -> None:
    await behave(market, http, silent=True, callbacks=0)
    payment = await ask(payer, phone, into="KES")
    prompt = await prompted(market, http, phone)
    url, body = prompt["callbackUrl"], prompt["callback"]

    async def post(address: str, content: Any, **headers: str) -> int:
        async with http.post(address, json=content, headers=headers) as response:
            return response.status

    assert await post(url, body, **{"X-Forwarded-For": "203.0.113.5"}) == 403
    assert await post(url[:-1] + ("A" if url[-1] != "A" else "B"), body) == 404
    assert await post(f"{market.urls['a']}/callbacks/stk/", body) == 404
    assert await post(url, {"padding": "x" * 20_000}) == 413
    async with http.get(url) as response:
        assert response.status == 405
    body["Body"]["stkCallback"]["CallbackMetadata"]["Item"][0]["Value"] = 1
    async with http.post(url, json=body) as response:
        assert (response.status, await response.json()) == (200, {"ResultCode": 0, "ResultDesc": "Accepted"})
    async with http.post(url, data=b"\x00 nonsense") as response:
        assert (response.status, await response.json()) == (200, {"ResultCode": 0, "ResultDesc": "Accepted"})
    await asyncio.sleep(1.0)

    assert (await payer.run(PAYMENT, id=payment["id"]))["state"] == "AWAITING_PAYER"
    assert await balance(payer, "KES") == "0.00"
    logs = "".join((market.folder / f"{name}.log").read_text() for name in ("a", "b", "worker"))
    assert '"why": "AMOUNT"' in logs
    assert '"why": "UNREADABLE"' in logs
    assert url.rsplit("/", 1)[1] not in logs


async def test_a_replayed_callback_changes_nothing(
    market: Market, http: aiohttp.ClientSession, payer: Caller, phone: int
) -> None:
    await behave(market, http, after_seconds=0.2)
    payment = await ask(payer, phone, into="KES")
    await ended(payer, payment["id"])
    prompt = await prompted(market, http, phone)

    for number in range(5):
        prompt["callback"]["Body"]["stkCallback"]["ResultDesc"] = f"again {number // 2}"
        async with http.post(prompt["callbackUrl"], json=prompt["callback"]) as response:
            assert response.status == 200
    await asyncio.sleep(1.0)

    assert await balance(payer, "KES") == "1293.00"
