"""KYC through the API: who says it, what it lets out, and how a refusal tells what is left."""

from __future__ import annotations

from typing import Any

from domain.identity.actor import Actor
from domain.identity.roles import Role
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import BANK, make_payee
from tests.makers.wallets import kes, make_holder, wallet

ALLOWANCE = "{ viewer { payoutAllowance { tier dayLimit { amount } left { amount } askedCount } } }"
TIER = "query($id: ID!) { kycTier(userId: $id) }"
SET = "mutation($input: KycTierSetInput!) { kycTierSet(input: $input) { tier } }"
REQUEST = """
mutation($input: PayoutRequestInput!) { payoutRequest(input: $input) { payout { id } errors {
  __typename reason ... on LimitExceededError { limit { amount asset } left { amount asset } } } } }
"""


async def say(api: Api, who: Actor, whom: Actor, tier: str = "BASIC") -> Any:
    given = {"userId": whom.label, "tier": tier, "reason": "Passport seen"}
    return await api.as_(who).command("kycTierSet", "tier", **given)


async def request(api: Api, who: Actor, amount: str, key: str) -> Any:
    money = {"amount": amount, "asset": "KES"}
    given = {"amount": money, "rail": "BANK_TRANSFER", "destination": BANK, "idempotencyKey": key}
    return (await api.as_(who).ask(REQUEST, input=given))["payoutRequest"]


async def test_more_is_let_out_to_who_is_known_better(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, kes(100_000_000)), await make_holder(commands, roles=(Role.FINANCE,))
    await request(api, amina, "1292.50", "k1")

    shown = (await api.as_(amina).ask(ALLOWANCE))["viewer"]["payoutAllowance"]
    assert shown == {
        "tier": "UNVERIFIED",
        "dayLimit": {"amount": "1000.000000"},
        "left": {"amount": "990.000000"},
        "askedCount": 1,
    }
    refused = await request(api, amina, "129250.00", "k2")
    assert refused == {
        "payout": None,
        "errors": [
            {
                "__typename": "LimitExceededError",
                "reason": "PAYOUT_LIMIT_EXCEEDED",
                "limit": {"amount": "1000.000000", "asset": "USDT"},
                "left": {"amount": "990.000000", "asset": "USDT"},
            }
        ],
    }
    assert (await wallet(commands, amina)).held == kes(129_250)
    first, again = await say(api, clerk, amina), await say(api, clerk, amina)
    assert first == again == {"tier": "BASIC", "errors": []}
    assert (await api.as_(clerk).ask(TIER, id=amina.label))["kycTier"] == "BASIC"
    assert (await request(api, amina, "129250.00", "k3"))["errors"] == []
    shown = (await api.as_(amina).ask(ALLOWANCE))["viewer"]["payoutAllowance"]
    assert (shown["tier"], shown["left"], shown["askedCount"]) == ("BASIC", {"amount": "3990.000000"}, 2)


async def test_nobody_else_says_it_and_nobody_of_themselves(api: Api, commands: Commands) -> None:
    amina, clerk = await make_holder(commands), await make_holder(commands, roles=(Role.FINANCE,))
    moderator = await make_holder(commands, roles=(Role.MODERATOR,))

    given = {"userId": amina.label, "tier": "FULL", "reason": "Mine"}
    for who in (amina, moderator):
        assert (await api.as_(who).run(SET, input=given)).codes == ["FORBIDDEN"]
        assert (await api.as_(who).run(TIER, id=amina.label)).codes == ["FORBIDDEN"]
    refused = await say(api, clerk, clerk)
    assert [error["reason"] for error in refused["errors"]] == ["OWN_ACCOUNT"]
    assert (await api.as_(clerk).ask(TIER, id=amina.label))["kycTier"] == "UNVERIFIED"
