"""A tip leaves to its worker's phone by itself, and a payout that failed is the worker's again: over HTTP and sockets,
heard live at another process.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller, Listening
from tests.flows.documents import TRANSFER_CREATE, VIEWER
from tests.flows.market import Market
from tests.flows.people import sign_in
from tests.flows.phones import PHONES

REGISTER = """
mutation($input: WorkerRegisterInput!) { workerRegister(input: $input) { worker { id } errors { message } } }
"""
GIVE = "mutation($input: TipGiveInput!) { tipGive(input: $input) { tip { id state } errors { message reason } } }"
TIP = "query($id: ID!) { tip(id: $id) { state payout { id state } } }"
PIN_SET = 'mutation { pinSet(input: {pin: "918273"}) { isSet errors { message } } }'
PIN_VERIFY = 'mutation { pinVerify(input: {pin: "918273"}) { session { id } errors { message } } }'
RULE = """
mutation($input: TipPayoutRuleSetInput!) { tipPayoutRuleSet(input: $input) {
  rule { when } errors { message reason } } }
"""
PAYOUTS = "{ viewer { payouts { nodes { id state isByRule amount { amount } receiptNumber failure } } } }"
REQUEST = """
mutation($input: PayoutRequestInput!) { payoutRequest(input: $input) {
  payout { id destinationHint } errors { message reason } } }
"""
APPROVE = """
mutation($input: PayoutApproveInput!) { payoutApprove(input: $input) { payout { state } errors { message } } }
"""
PAYOUT_EVENTS = """
subscription($id: ID!) { payoutEvents(payoutId: $id) {
  __typename ... on PayoutSnapshot { payout { state } } ... on PayoutUpdated { type state receiptNumber failure } } }
"""
WALLET_EVENTS = """
subscription($id: ID!) { walletEvents(walletId: $id) {
  __typename
  ... on WalletSnapshot { wallet { available { amount } } }
  ... on WalletUpdated { txn { type } wallet { available { amount } } }
  ... on HoldChanged { state wallet { available { amount } } } } }
"""
PLACE = {"latitude": -1.286389, "longitude": 36.817223}
PROFILE = {"name": "Otieno", "trade": "Waiter", "placeName": "Java House", "place": PLACE}


@pytest.fixture
def phone() -> int:
    """One that nobody else has."""
    return next(PHONES)


@pytest.fixture
async def otieno(market: Market, http: aiohttp.ClientSession, phone: int) -> Caller:
    """A worker who signs in by this phone and showed their PIN just now."""
    caller = Caller(http, market.urls["a"])
    known = await sign_in(market, caller, f"+{phone}")
    otieno = Caller(http, market.urls["a"], known["accessToken"], known["user"]["id"])
    otieno.wallets = {wallet["asset"]: wallet["id"] for wallet in (await otieno.run(VIEWER))["wallets"]}
    await otieno.do(PIN_SET)
    await otieno.do(PIN_VERIFY)
    return otieno


async def behave(market: Market, http: aiohttp.ClientSession, **behaviour: Any) -> None:
    async with http.post(f"{market.daraja}/sandbox/payouts/behaviours", json=behaviour) as response:
        assert response.status == 200


async def paid_phones(market: Market, http: aiohttp.ClientSession, phone: int) -> list[dict[str, Any]]:
    async with http.get(f"{market.daraja}/sandbox/payouts") as response:
        return [payment for payment in await response.json() if payment["phone"] == str(phone)]


async def the_payout(owner: Caller) -> dict[str, Any]:
    for _ in range(200):
        payouts: list[dict[str, Any]] = (await owner.run(PAYOUTS))["payouts"]["nodes"]
        if payouts:
            (payout,) = payouts
            return payout
        await asyncio.sleep(0.05)
    raise AssertionError("no tip left")


async def heard_until(listening: Listening, last: str) -> list[tuple[str, str]]:
    """What happened to a wallet, and what was available from then on."""
    heard: list[tuple[str, str]] = []
    while not heard or heard[-1][0] != last:
        item = await listening.next()
        name = item["state"] if item["__typename"] == "HoldChanged" else item["txn"]["type"]
        heard.append((name, item["wallet"]["available"]["amount"]))
    return heard


async def states_until(listening: Listening, last: str) -> list[str]:
    heard = [(await listening.next())["payout"]["state"]]
    while heard[-1] != last:
        heard.append((await listening.next())["state"])
    return heard


async def test_a_tip_by_wallet_leaves_to_the_workers_phone(
    market: Market, http: aiohttp.ClientSession, customer: Caller, otieno: Caller, phone: int
) -> None:
    worker = (await otieno.do(REGISTER, input=PROFILE))["worker"]["id"]
    assert (await otieno.do(RULE, input={"when": "AT_ONCE"}))["rule"] == {"when": "AT_ONCE"}
    await behave(market, http, after_seconds=1.0)

    async with otieno.at(market.urls["b"]).socket() as socket:
        wallet = await socket.listen(WALLET_EVENTS, id=otieno.wallets["KES"])
        assert (await wallet.next())["wallet"]["available"] == {"amount": "0.00"}
        tip = {"workerId": worker, "amount": {"amount": "50.75", "asset": "KES"}, "idempotencyKey": f"tip-{phone}"}
        given = (await customer.do(GIVE, input=tip))["tip"]
        assert given["state"] == "PAID"
        payout = await the_payout(otieno)
        states = await states_until(await socket.listen(PAYOUT_EVENTS, id=payout["id"]), "PAID")
        heard = await heard_until(wallet, "PAYOUT")

    (payment,) = await paid_phones(market, http, phone)
    assert heard[:2] == [("CREDIT", "50.75"), ("HELD", "0.75")]
    assert heard[2:] == [("CAPTURED", "0.75"), ("PAYOUT", "0.75")]
    assert states[-2:] == ["SENDING", "PAID"]
    ended = await the_payout(otieno)
    assert (ended["state"], ended["isByRule"], ended["amount"]) == ("PAID", True, {"amount": "50.00"})
    assert ended["receiptNumber"] == payment["receipt"]
    assert (payment["amount"], payment["callbackStatuses"]) == (50, [200])
    # By which payout a tip left is its worker's to know, and nobody else's.
    assert (await otieno.run(TIP, id=given["id"])) == {"state": "PAID", "payout": {"id": payout["id"], "state": "PAID"}}
    assert (await customer.run(TIP, id=given["id"])) == {"state": "PAID", "payout": None}


async def test_a_payout_that_fails_is_the_workers_again(  # noqa: PLR0913  # the people, and the phone
    market: Market, http: aiohttp.ClientSession, customer: Caller, finance: Caller, otieno: Caller, phone: int
) -> None:
    gift = {
        "fromWalletId": customer.wallets["KES"],
        "recipientId": otieno.user_id,
        "amount": {"amount": "300", "asset": "KES"},
        "idempotencyKey": f"gift-{phone}",
    }
    await customer.do(TRANSFER_CREATE, input=gift)
    wanted = {"amount": {"amount": "250", "asset": "KES"}, "rail": "MPESA", "idempotencyKey": f"out-{phone}"}
    payout = (await otieno.do(REQUEST, input=wanted))["payout"]
    assert payout["destinationHint"] == f"…{str(phone)[-4:]}"
    await behave(market, http, code="2040", after_seconds=0.5)

    async with otieno.at(market.urls["b"]).socket() as socket:
        wallet = await socket.listen(WALLET_EVENTS, id=otieno.wallets["KES"])
        states = await socket.listen(PAYOUT_EVENTS, id=payout["id"])
        assert (await wallet.next())["wallet"]["available"] == {"amount": "50.00"}
        await finance.do(APPROVE, input={"payoutId": payout["id"], "idempotencyKey": payout["id"]})
        heard = await states_until(states, "FAILED")
        assert await heard_until(wallet, "RELEASED") == [("RELEASED", "300.00")]

    assert heard == ["HELD", "APPROVED", "SENDING", "FAILED"]
    failed = await the_payout(otieno)
    assert (failed["state"], failed["failure"][:5], failed["receiptNumber"]) == ("FAILED", "2040:", None)
    assert len(await paid_phones(market, http, phone)) == 1
