"""Who is known better is let out more: refused with what is left, then known, then let out, over two processes."""

from __future__ import annotations

import aiohttp

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import come_in, fund
from tests.flows.shops import ERRORS
from tests.flows.test_money_out import KES_WALLET, PIN_SET, PIN_VERIFY, shillings

PAYOUT = """
mutation($input: PayoutRequestInput!) { payoutRequest(input: $input) { payout { id state } errors {
  __typename reason ... on LimitExceededError { limit { amount asset } left { amount } } } } }
"""
TIER_SET = f"mutation($input: KycTierSetInput!) {{ kycTierSet(input: $input) {{ tier {ERRORS} }} }}"
ALLOWANCE = "{ viewer { payoutAllowance { tier dayLimit { amount } left { amount } askedCount } } }"


async def test_above_the_limit_it_says_what_is_left_and_a_tier_more_lets_it_out(
    market: Market, http: aiohttp.ClientSession, finance: Caller
) -> None:
    payee = await come_in(market, http)
    elsewhere = payee.at(market.urls["b"])
    await fund(finance, payee, "300000.00")
    await payee.do(PIN_SET)
    await payee.do(PIN_VERIFY)
    given = {"amount": shillings("200000.00"), "rail": "SANDBOX", "destination": "Equity 0100 7654 321"}

    [refusal] = (await payee.run(PAYOUT, input={**given, "idempotencyKey": "out"}))["errors"]
    before = await payee.run(ALLOWANCE)
    held = await payee.run(KES_WALLET, id=payee.wallets["KES"])
    known = {"userId": payee.user_id, "tier": "BASIC", "reason": "Showed a passport"}
    assert (await finance.do(TIER_SET, input=known))["tier"] == "BASIC"
    payout = (await elsewhere.do(PAYOUT, input={**given, "idempotencyKey": "out"}))["payout"]
    after = await elsewhere.run(ALLOWANCE)

    assert refusal == {
        "__typename": "LimitExceededError",
        "reason": "PAYOUT_LIMIT_EXCEEDED",
        "limit": {"amount": "1000.000000", "asset": "USDT"},
        "left": {"amount": "1000.000000"},
    }
    allowance = before["payoutAllowance"]
    assert (allowance["tier"], allowance["askedCount"]) == ("UNVERIFIED", 0)
    assert held == {"balance": {"amount": "300000.00"}, "held": {"amount": "0.00"}}
    assert payout["state"] == "HELD"
    allowance = after["payoutAllowance"]
    assert (allowance["tier"], allowance["dayLimit"]["amount"], allowance["askedCount"]) == ("BASIC", "5000.000000", 1)
    assert 0 < float(allowance["left"]["amount"]) < 4000  # noqa: PLR2004  # above 1000 USDT were asked for
