"""People are told by e-mail that a payout left and that a price came back: by SMTP, and each once."""

from __future__ import annotations

import asyncio

import aiohttp

from tests.flows.client import Caller
from tests.flows.documents import VIEWER
from tests.flows.market import Market
from tests.flows.people import fund, sign_in, texts_to
from tests.flows.shops import ORDER, open_shop
from tests.flows.test_money_out import APPROVE, PART, PAYOUT, PIN_SET, PIN_VERIFY, shillings


async def told(market: Market, address: str, *, count: int) -> list[str]:
    """Everything but passcodes, as soon as there is so much of it."""
    for _ in range(200):
        mails = [text for text in texts_to(market, address) if "KES" in text]
        if len(mails) >= count:
            return mails
        await asyncio.sleep(0.1)
    raise AssertionError("it was not told")


async def test_what_left_and_what_came_back_is_told_and_what_failed_is_not(
    market: Market, http: aiohttp.ClientSession, finance: Caller
) -> None:
    address = f"told.{id(http)}@flows.sokoni.example"
    known = await sign_in(market, Caller(http, market.urls["a"]), address)
    payee = Caller(http, market.urls["a"], known["accessToken"], known["user"]["id"])
    payee.wallets = {wallet["asset"]: wallet["id"] for wallet in (await payee.run(VIEWER))["wallets"]}
    await fund(finance, payee, "1000.00")
    await payee.do(PIN_SET)
    await payee.do(PIN_VERIFY)

    for where in ("please refuse 0100", "Equity 0100 7654 321"):
        asked = {"amount": shillings("100.00"), "rail": "SANDBOX", "destination": where, "idempotencyKey": where}
        payout = (await payee.do(PAYOUT, input=asked))["payout"]["id"]
        await finance.do(APPROVE, input={"payoutId": payout, "idempotencyKey": payout})
    [left] = await told(market, address, count=1)
    shop = await open_shop(market, http, finance, price=shillings("50.00"), codes=["FLOW-TOLD"])
    wanted = {"productId": shop.product_id, "price": shillings("50.00"), "idempotencyKey": "order"}
    order = (await payee.do(ORDER, input=wanted))["order"]["id"]
    part = {"orderId": order, "amount": shillings("20.00"), "reason": "It came late", "idempotencyKey": order}
    for _ in range(2):
        await finance.do(PART, input=part)
    mails = await told(market, address, count=2)

    assert left.startswith("100.00 KES was paid out\n")
    assert f"Payout: {payout}" in left
    assert mails[0] == left
    assert mails[1].startswith("20.00 KES was given back\n")
    assert "It came late" in mails[1]
    assert "7654 321" not in "".join(mails)
