"""Rules about tips through the API: set, shown, changed and removed by their worker alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from db.tables.identity import users
from domain.identity.actor import Actor
from tests.api import Api
from tests.commands import Commands
from tests.makers.payouts import make_payee
from tests.makers.tips import make_worker

RULE = "rule { when minimum { amount asset } since waitsUntil }"
SHOWN = f"{{ viewer {{ collectedTips {{ {RULE} amount {{ amount }} }} }} }}"


@pytest.fixture
async def otieno(commands: Commands) -> Actor:
    otieno = await make_payee(commands)
    async with commands.database.transaction() as connection:
        await connection.execute(update(users).where(users.c.id == otieno.user_id).values(phone="+254708374149"))
    await make_worker(commands, otieno)
    return otieno


async def set_rule(api: Api, who: Actor, **given: Any) -> Any:
    return await api.as_(who).command("tipPayoutRuleSet", RULE, **given)


async def test_a_rule_is_set_shown_changed_and_removed(api: Api, otieno: Actor) -> None:
    assert (await api.as_(otieno).ask(SHOWN))["viewer"]["collectedTips"] is None

    first = await set_rule(api, otieno, when="AT_ONCE")
    assert (first["errors"], first["rule"]["minimum"]) == ([], {"amount": "10.00", "asset": "KES"})
    daily = (await set_rule(api, otieno, when="DAILY"))["rule"]
    assert (daily["when"], daily["waitsUntil"]) == ("DAILY", "2026-11-20T17:00:00.000Z")
    changed = (await set_rule(api, otieno, when="AT_AMOUNT", amount={"amount": "500", "asset": "KES"}))["rule"]
    assert changed["minimum"]["amount"] == "500.00"
    shown = (await api.as_(otieno).ask(SHOWN))["viewer"]["collectedTips"]
    assert shown == {"rule": changed, "amount": {"amount": "0.00"}}

    removed = await api.as_(otieno).ask("mutation { tipPayoutRuleRemove { errors { message } } }")
    assert removed["tipPayoutRuleRemove"]["errors"] == []
    assert (await api.as_(otieno).ask(SHOWN))["viewer"]["collectedTips"] is None


async def test_refusals_say_why_and_set_nothing(api: Api, commands: Commands, otieno: Actor) -> None:
    stranger = await make_payee(commands)

    async def refused(who: Actor, **given: Any) -> list[tuple[str, Any]]:
        payload = await set_rule(api, who, **given)
        assert payload["rule"] is None
        return [(error["__typename"], error["path"] or error["reason"]) for error in payload["errors"]]

    assert await refused(stranger, when="AT_ONCE") == [("NotFoundError", None)]
    assert await refused(otieno, when="AT_AMOUNT") == [("ValidationError", ["amount"])]
    few = {"amount": "9", "asset": "KES"}
    assert await refused(otieno, when="AT_AMOUNT", amount=few) == [("ValidationError", ["amount", "amount"])]
    commands.later(timedelta(minutes=6))
    assert await refused(otieno, when="AT_ONCE") == [("AuthenticationError", "SECOND_FACTOR_NEEDED")]

    assert (await api.as_(otieno).ask(SHOWN))["viewer"]["collectedTips"] is None


async def test_nobody_in_particular_sets_no_rule(api: Api) -> None:
    document = "mutation { tipPayoutRuleSet(input: {when: AT_ONCE}) { rule { when } } }"
    assert (await api.run(document)).codes == ["AUTHENTICATION_ERROR"]
