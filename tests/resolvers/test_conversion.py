"""Conversion through the API: rates in the open, a promise, its keeping, and what each refusal looks like."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from domain.money import Asset
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.wallets import make_holder, usdt, verified, wallet

RATES = "{ exchangeRates { id base quote rate source observedAt expiresAt } }"
QUOTE = """
    quote {
        id amount { amount asset } value { amount } fee { amount asset } result { amount asset }
        feeBasisPoints rates { quote rate } expiresAt
    }
"""
CONVERSION = """
    conversion {
        quoteId reference amount { amount asset } fee { amount } result { amount asset } executedAt
        amountWallet { asset available { amount } } resultWallet { asset available { amount } }
    }
"""
TEN_USDT = {"amount": "10", "asset": "USDT"}
LINES = "{ viewer { wallets { asset transactions { nodes { code reference note amount { amount } type } } } } }"


async def quote(api: Api, who: Actor, amount: dict[str, str] = TEN_USDT, into: str = "KES") -> Any:
    return await api.as_(who).command("conversionQuote", QUOTE, amount=amount, into=into)


async def execute(api: Api, who: Actor, quote_id: str, key: str = "k1") -> Any:
    return await api.as_(who).command("conversionExecute", CONVERSION, quoteId=quote_id, idempotencyKey=key)


async def test_everybody_signed_in_reads_the_rates_that_stand(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands)

    shown = (await api.as_(amina).ask(RATES))["exchangeRates"]

    assert [(one["base"], one["quote"], one["rate"], one["source"]) for one in shown] == [
        ("USDT", "POINTS", "100", "sandbox"),
        ("USDT", "KES", "129.25", "sandbox"),
        ("USDT", "INR", "84.5", "sandbox"),
        ("USDT", "USD", "1", "sandbox"),
        ("USDT", "EUR", "0.92", "sandbox"),
    ]
    assert {(one["observedAt"], one["expiresAt"]) for one in shown} == {
        ("2026-11-20T12:00:00.000Z", "2026-11-20T12:15:00.000Z")
    }
    assert (await api.run(RATES)).codes == ["AUTHENTICATION_ERROR"]
    commands.later(timedelta(minutes=15))
    assert (await api.as_(amina).ask(RATES))["exchangeRates"] == []


async def test_a_promise_is_given_and_kept(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(12_000_000))

    promised = (await quote(api, amina))["quote"]
    payload = await execute(api, amina, promised["id"])

    assert {name: promised[name] for name in promised if name != "id"} == {
        "amount": {"amount": "10.000000", "asset": "USDT"},
        "value": {"amount": "10.000000"},
        "fee": {"amount": "0.100000", "asset": "USDT"},
        "result": {"amount": "1279.57", "asset": "KES"},
        "feeBasisPoints": 100,
        "rates": [{"quote": "KES", "rate": "129.25"}],
        "expiresAt": "2026-11-20T12:01:00.000Z",
    }
    assert payload == {
        "conversion": {
            "quoteId": promised["id"],
            "reference": f"conversion:{promised['id']}",
            "amount": {"amount": "10.000000", "asset": "USDT"},
            "fee": {"amount": "0.100000"},
            "result": {"amount": "1279.57", "asset": "KES"},
            "executedAt": "2026-11-20T12:00:00.000Z",
            "amountWallet": {"asset": "USDT", "available": {"amount": "2.000000"}},
            "resultWallet": {"asset": "KES", "available": {"amount": "1279.57"}},
        },
        "errors": [],
    }
    wallets = (await api.as_(amina).ask(LINES))["viewer"]["wallets"]
    newest = {one["asset"]: one["transactions"]["nodes"][0] for one in wallets if one["transactions"]["nodes"]}
    assert {asset: (line["code"], line["type"], line["amount"]["amount"]) for asset, line in newest.items()} == {
        "USDT": ("CONVERSION", "DEBIT", "10.000000"),
        "KES": ("CONVERSION", "CREDIT", "1279.57"),
    }
    assert all(line["note"].startswith("129.25 KES/USDT fxr_") for line in newest.values())


async def test_the_same_key_converts_once_and_another_is_refused(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(30_000_000))
    promised = (await quote(api, amina))["quote"]["id"]

    first, again = await execute(api, amina, promised), await execute(api, amina, promised)
    other = await execute(api, amina, promised, key="k2")

    assert again == first
    assert (other["conversion"], [error["reason"] for error in other["errors"]]) == (None, ["QUOTE_ALREADY_EXECUTED"])
    assert (await wallet(commands, amina, Asset.USDT)).balance == usdt(20_000_000)
    assert (await verified(commands)).is_sound


async def test_a_wallet_of_another_asset_appears_with_the_first_conversion(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(10_000_000))

    await execute(api, amina, (await quote(api, amina, into="EUR"))["quote"]["id"])

    wallets = (await api.as_(amina).ask("{ viewer { wallets { asset balance { amount } } } }"))["viewer"]["wallets"]
    assert [(one["asset"], one["balance"]["amount"]) for one in wallets] == [
        ("POINTS", "0"),
        ("USDT", "0.000000"),
        ("KES", "0.00"),
        ("EUR", "9.10"),
    ]


async def test_refusals_are_typed_and_move_nothing(api: Api, commands: Commands) -> None:
    await observe(commands)
    amina, brian = await make_holder(commands, usdt(5_000_000)), await make_holder(commands, usdt(50_000_000))
    promised = (await quote(api, amina))["quote"]["id"]

    def told(payload: Any) -> list[tuple[str, str | None, bool]]:
        return [(error["__typename"], error["reason"], error["retryable"]) for error in payload["errors"]]

    assert told(await execute(api, amina, promised)) == [("InsufficientFundsError", "INSUFFICIENT_FUNDS", False)]
    assert told(await execute(api, brian, promised)) == [("NotFoundError", None, False)]
    assert told(await execute(api, brian, encode_id(IdKind.CONVERSION_QUOTE, new_id()))) == [
        ("NotFoundError", None, False)
    ]
    assert told(await execute(api, brian, brian.label)) == [("ValidationError", None, False)]
    assert told(await quote(api, amina, into="USDT")) == [("ValidationError", None, False)]
    commands.later(timedelta(seconds=60))
    assert told(await execute(api, amina, promised, key="k2")) == [("ConflictError", "QUOTE_EXPIRED", False)]
    commands.later(timedelta(minutes=15))
    assert told(await quote(api, amina)) == [("ConflictError", "RATE_UNAVAILABLE", True)]
    for holder, minor in ((amina, 5_000_000), (brian, 50_000_000)):
        assert (await wallet(commands, holder, Asset.USDT)).balance == usdt(minor)
        assert (await wallet(commands, holder)).balance.minor == 0


async def test_finance_sets_a_rate_and_takes_it_back(api: Api, commands: Commands) -> None:
    await observe(commands)
    clerk, admin = await make_holder(commands, roles=(Role.FINANCE,)), await make_holder(commands, roles=(Role.ADMIN,))
    wanted = {"asset": "KES", "rate": "128.5", "validForSeconds": 600, "reason": "Central bank's fixing"}
    rate = "exchangeRate { id rate source expiresAt }"

    made = (await api.as_(clerk).command("exchangeRateSet", rate, **wanted))["exchangeRate"]
    assert (made["rate"], made["source"], made["expiresAt"]) == ("128.5", "finance", "2026-11-20T12:10:00.000Z")
    shown = {one["quote"]: one["rate"] for one in (await api.as_(clerk).ask(RATES))["exchangeRates"]}
    assert (shown["KES"], shown["INR"]) == ("128.5", "84.5")

    taken = await api.as_(clerk).command(
        "exchangeRateWithdraw", rate, exchangeRateId=made["id"], reason="A slip of the pen"
    )
    assert (taken["exchangeRate"]["expiresAt"], taken["errors"]) == ("2026-11-20T12:00:00.000Z", [])
    shown = {one["quote"]: one["rate"] for one in (await api.as_(clerk).ask(RATES))["exchangeRates"]}
    assert shown["KES"] == "129.25"
    again = await api.as_(clerk).command("exchangeRateWithdraw", rate, exchangeRateId=made["id"], reason="Once more")
    assert [error["reason"] for error in again["errors"]] == ["RATE_OVER"]

    document = "mutation($input: ExchangeRateSetInput!) { exchangeRateSet(input: $input) { exchangeRate { id } } }"
    assert (await api.as_(admin).run(document, input=wanted)).codes == ["FORBIDDEN"]
    faulty = await api.as_(clerk).command("exchangeRateSet", rate, **wanted | {"rate": "1e2"})
    assert [(error["__typename"], error["path"]) for error in faulty["errors"]] == [("ValidationError", ["rate"])]
