"""Money through the market: a customer buys, a worker is tipped, and what is left is paid out, all heard live."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import come_in, fund
from tests.flows.shops import ERRORS, ORDER, ORDER_EVENTS, open_shop

REFUND = f"""
mutation($input: OrderRefundInput!) {{ orderRefund(input: $input) {{ order {{ status }} {ERRORS} }} }}
"""
WORKER = f"""
mutation($input: WorkerRegisterInput!) {{ workerRegister(input: $input) {{ worker {{ id }} {ERRORS} }} }}
"""
QR = f"mutation {{ tipQrCreate(input: {{}}) {{ qr {{ uri }} {ERRORS} }} }}"
TIP = f"mutation($input: TipGiveInput!) {{ tipGive(input: $input) {{ tip {{ id }} {ERRORS} }} }}"
TIP_EVENTS = """
subscription { tipEvents { __typename ... on TipsSnapshot { worker { name } } ... on TipGiven { amount { amount } } } }
"""
PART = f"""
mutation($input: RefundCreateInput!) {{ refundCreate(input: $input) {{
  refund {{ id amount {{ amount }} }} {ERRORS} }} }}
"""
REFUNDED = """
subscription($id: ID!) { orderEvents(orderId: $id) { __typename ... on OrderUpdated { status refunded { amount } } } }
"""
PIN_SET = f'mutation {{ pinSet(input: {{pin: "918273"}}) {{ isSet {ERRORS} }} }}'
PIN_VERIFY = f'mutation {{ pinVerify(input: {{pin: "918273"}}) {{ session {{ id }} {ERRORS} }} }}'
PAYOUT = f"""
mutation($input: PayoutRequestInput!) {{ payoutRequest(input: $input) {{ payout {{ id }} {ERRORS} }} }}
"""
APPROVE = f"""
mutation($input: PayoutApproveInput!) {{ payoutApprove(input: $input) {{ payout {{ state }} {ERRORS} }} }}
"""
PAYOUT_EVENTS = """
subscription($id: ID!) { payoutEvents(payoutId: $id) {
  __typename ... on PayoutSnapshot { payout { state } } ... on PayoutUpdated { type state receiptNumber failure } } }
"""
KES_WALLET = "query($id: ID!) { wallet(id: $id) { balance { amount } held { amount } } }"


@pytest.fixture
async def payee(market: Market, http: aiohttp.ClientSession, finance: Caller) -> Caller:
    """Somebody new with a thousand shillings."""
    somebody = await come_in(market, http)
    await fund(finance, somebody, "1000.00")
    return somebody


def shillings(amount: str) -> dict[str, str]:
    return {"amount": amount, "asset": "KES"}


async def test_an_order_is_delivered_and_both_sides_hear_its_refund(
    market: Market, http: aiohttp.ClientSession, payee: Caller, finance: Caller
) -> None:
    shop = await open_shop(market, http, finance, price=shillings("129.25"), codes=["FLOW-1"])
    seller = shop.seller

    wanted = {"productId": shop.product_id, "price": shillings("129.25"), "idempotencyKey": "order"}
    bought, again = [(await payee.do(ORDER, input=wanted))["order"] for _ in range(2)]
    assert (bought["code"], bought["fee"], again) == ("FLOW-1", {"amount": "0.050000"}, bought)
    async with payee.at(market.urls["b"]).socket() as mine, seller.socket() as theirs:
        streams = [await side.listen(ORDER_EVENTS, id=bought["id"]) for side in (mine, theirs)]
        assert [(await stream.next())["order"]["code"] for stream in streams] == ["FLOW-1", None]
        undo = {"orderId": bought["id"], "reason": "It did not work.", "idempotencyKey": "undo"}
        await seller.do(REFUND, input=undo)
        assert [(await stream.next())["status"] for stream in streams] == ["REFUNDED", "REFUNDED"]
    assert (await payee.run(KES_WALLET, id=payee.wallets["KES"]))["balance"] == {"amount": "1000.00"}


async def test_finance_gives_a_part_back_once_and_both_sides_hear_it(
    market: Market, http: aiohttp.ClientSession, payee: Caller, finance: Caller
) -> None:
    shop = await open_shop(market, http, finance, price=shillings("129.25"), codes=["FLOW-2"])
    wanted = {"productId": shop.product_id, "price": shillings("129.25"), "idempotencyKey": "order"}
    bought = (await payee.do(ORDER, input=wanted))["order"]

    async with payee.at(market.urls["b"]).socket() as mine, shop.seller.socket() as theirs:
        streams = [await side.listen(REFUNDED, id=bought["id"]) for side in (mine, theirs)]
        assert [(await stream.next())["__typename"] for stream in streams] == ["OrderSnapshot"] * 2
        part = {"orderId": bought["id"], "amount": shillings("29.25"), "reason": "Half", "idempotencyKey": bought["id"]}
        given, again = [(await finance.do(PART, input=part))["refund"] for _ in range(2)]
        rest = {"orderId": bought["id"], "reason": "All of it", "idempotencyKey": f"rest-{bought['id']}"}
        await finance.do(PART, input=rest)
        heard = [[await stream.next() for _ in range(2)] for stream in streams]
    assert (given["amount"], again) == ({"amount": "29.25"}, given)
    assert [[(one["status"], one["refunded"]["amount"]) for one in side] for side in heard] == [
        [("DELIVERED", "29.25"), ("REFUNDED", "129.25")]
    ] * 2
    assert (await payee.run(KES_WALLET, id=payee.wallets["KES"]))["balance"] == {"amount": "1000.00"}


async def test_a_tip_by_a_card_is_heard_by_its_worker(
    market: Market, http: aiohttp.ClientSession, payee: Caller
) -> None:
    worker = await come_in(market, http)
    place = {"latitude": -1.286389, "longitude": 36.817223}
    profile = {"name": "Otieno", "trade": "Waiter", "placeName": "Java House", "place": place}
    await worker.do(WORKER, input=profile)
    uri = (await worker.do(QR))["qr"]["uri"]

    async with worker.at(market.urls["b"]).socket() as socket:
        tips = await socket.listen(TIP_EVENTS)
        assert (await tips.next())["worker"] == {"name": "Otieno"}
        await payee.do(TIP, input={"token": uri, "amount": shillings("50.00"), "idempotencyKey": "tip"})
        assert (await tips.next())["amount"] == {"amount": "50.00"}


@pytest.mark.parametrize(
    ("destination", "ends", "left"),
    [
        ("Equity 0100 7654 321", ["APPROVED", "SENDING", "PAID"], "900.00"),
        ("please refuse 0100", ["APPROVED", "SENDING", "FAILED"], "1000.00"),
    ],
)
async def test_a_payout_is_held_sent_by_the_worker_and_told(  # noqa: PLR0913  # the people, and what is expected
    market: Market, payee: Caller, finance: Caller, destination: str, ends: list[str], left: str
) -> None:
    await payee.do(PIN_SET)
    given: dict[str, Any] = {
        "amount": shillings("100.00"),
        "rail": "SANDBOX",
        "destination": destination,
        "idempotencyKey": "out",
    }
    unshown = await payee.run(PAYOUT, input=given)
    assert [error["reason"] for error in unshown["errors"]] == ["SECOND_FACTOR_NEEDED"]
    await payee.do(PIN_VERIFY)
    payout = (await payee.do(PAYOUT, input=given))["payout"]["id"]
    held = await payee.run(KES_WALLET, id=payee.wallets["KES"])
    assert (held["balance"], held["held"]) == ({"amount": "1000.00"}, {"amount": "100.00"})

    async with payee.at(market.urls["b"]).socket() as socket:
        states = await socket.listen(PAYOUT_EVENTS, id=payout)
        assert (await states.next())["payout"] == {"state": "HELD"}
        await finance.do(APPROVE, input={"payoutId": payout, "idempotencyKey": payout})
        assert [(await states.next())["state"] for _ in ends] == ends
    after = await payee.run(KES_WALLET, id=payee.wallets["KES"])
    assert (after["balance"], after["held"]) == ({"amount": left}, {"amount": "0.00"})
