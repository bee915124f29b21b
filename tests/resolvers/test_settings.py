"""Settings and feature flags through the API, and what a process remembers of them."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import event

from db.engine import Database
from domain.identity.roles import Role
from domain.settings.publishing import update_flag, update_setting
from resolvers.settings_cache import LIFETIME_SECONDS, SettingsCache
from tests.api import Api
from tests.commands import Commands
from tests.makers.people import make_person

ASK = "query($keys: [String!]) { settings(keys: $keys) { key kind value defaultValue isPublic version updatedAt } }"
FLAGS = "{ featureFlags { key isOn rule { description isEnabled rolloutBasisPoints version } } }"
SETTING = "setting { key value version }"
FLAG = "flag { key isOn rule { rolloutBasisPoints version } }"


async def test_everybody_signed_in_reads_what_is_public(api: Api, commands: Commands) -> None:
    person, admin = await make_person(commands), await make_person(commands, Role.ADMIN)

    public = (await api.as_(person).ask(ASK))["settings"]
    everything = (await api.as_(admin).ask(ASK))["settings"]
    one = (await api.as_(person).ask(ASK, keys=["order_fee_basis_points"]))["settings"]

    assert {setting["isPublic"] for setting in public} == {True}
    assert {setting["key"] for setting in everything} - {setting["key"] for setting in public} == {
        "bank_account_eur",
        "bank_account_inr",
        "bank_account_kes",
        "bank_account_usd",
        "callback_bodies_kept_days",
        "mpesa_confirm_above_kes_minor",
        "payout_account_eur",
        "payout_account_inr",
        "payout_account_kes",
        "payout_account_usd",
        "payout_day_limit_basic_usdt_minor",
        "payout_day_limit_full_usdt_minor",
        "payout_day_limit_usdt_minor",
        "payout_two_persons_from_usdt_minor",
        "rate_stale_after_seconds",
    }
    assert one == [
        {
            "key": "order_fee_basis_points",
            "kind": "INTEGER",
            "value": "500",
            "defaultValue": "500",
            "isPublic": True,
            "version": 0,
            "updatedAt": None,
        }
    ]


async def test_what_one_may_not_read_looks_like_nothing(api: Api, commands: Commands) -> None:
    person = await make_person(commands)

    private = await api.as_(person).run(ASK, keys=["payout_day_limit_usdt_minor"])
    missing = await api.as_(person).run(ASK, keys=["free_money"])
    many = await api.as_(person).run(ASK, keys=["announcement"] * 51)
    unknown_person = await api.run(ASK)

    assert private == missing
    assert (private.codes, many.codes, unknown_person.codes) == (
        ["NOT_FOUND"],
        ["VALIDATION_ERROR"],
        ["AUTHENTICATION_ERROR"],
    )


async def test_an_admin_changes_a_setting_and_the_next_answer_shows_it(api: Api, commands: Commands) -> None:
    admin = await make_person(commands, Role.ADMIN)
    before = (await api.as_(admin).ask(ASK, keys=["order_fee_basis_points"]))["settings"][0]["value"]

    changed = await api.as_(admin).command(
        "settingUpdate", SETTING, key="order_fee_basis_points", value="250", reason="Holiday", expectedVersion=0
    )
    after = (await api.as_(admin).ask(ASK, keys=["order_fee_basis_points"]))["settings"][0]

    assert changed == {"setting": {"key": "order_fee_basis_points", "value": "250", "version": 1}, "errors": []}
    assert (before, after["value"], after["version"], after["updatedAt"]) == (
        "500",
        "250",
        1,
        "2026-11-20T12:00:00.000Z",
    )
    entry = (await commands.trail())[-1]
    assert (entry.actor, entry.operation, entry.reason) == (admin.label, "settingUpdate", "Holiday")


@pytest.mark.parametrize(
    ("changes", "kind", "path"),
    [
        ({"value": "10001"}, "ValidationError", ["value"]),
        ({"value": '"250"'}, "ValidationError", ["value"]),
        ({"reason": ""}, "ValidationError", ["reason"]),
        ({"key": "free_money"}, "NotFoundError", []),
        ({"expectedVersion": 4}, "ConflictError", []),
    ],
)
async def test_a_refused_change_leaves_nothing(
    api: Api, commands: Commands, changes: dict[str, Any], kind: str, path: list[str]
) -> None:
    admin = await make_person(commands, Role.ADMIN)
    given = {"key": "order_fee_basis_points", "value": "250", "reason": "Holiday"} | changes

    refused = await api.as_(admin).command("settingUpdate", SETTING, **given)

    assert refused["setting"] is None
    assert [(error["__typename"], error["path"]) for error in refused["errors"]] == [(kind, path)]
    assert (await commands.events(), await commands.trail()) == ([], [])


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.MODERATOR, Role.FINANCE, Role.SUPPORT])
async def test_only_admins_tune_the_market(api: Api, commands: Commands, role: Role) -> None:
    person = await make_person(commands, role)
    setting = "mutation($input: SettingUpdateInput!) { settingUpdate(input: $input) { errors { code } } }"
    flag = "mutation($input: FeatureFlagUpdateInput!) { featureFlagUpdate(input: $input) { errors { code } } }"

    by_setting = await api.as_(person).run(setting, input={"key": "announcement", "value": '""', "reason": "Fun"})
    by_flag = await api.as_(person).run(flag, input={"key": "tips", "isEnabled": True, "reason": "Fun"})

    assert (by_setting.codes, by_flag.codes) == (["FORBIDDEN"], ["FORBIDDEN"])
    assert await commands.events() == []


async def test_flags_are_answered_for_the_one_who_asks(api: Api, commands: Commands) -> None:
    admin, person = await make_person(commands, Role.ADMIN), await make_person(commands)
    for key, enabled, share in (("all", True, 10_000), ("none", True, 0), ("off", False, 10_000)):
        payload = await api.as_(admin).command(
            "featureFlagUpdate", FLAG, key=key, isEnabled=enabled, rolloutBasisPoints=share, reason="Pilot"
        )
        assert payload["errors"] == []

    for caller in (api, api.as_(person)):
        assert (await caller.ask(FLAGS))["featureFlags"] == [
            {"key": "all", "isOn": True, "rule": None},
            {"key": "none", "isOn": False, "rule": None},
            {"key": "off", "isOn": False, "rule": None},
        ]
    rules = [flag["rule"] for flag in (await api.as_(admin).ask(FLAGS))["featureFlags"]]
    assert [(rule["isEnabled"], rule["rolloutBasisPoints"], rule["version"]) for rule in rules] == [
        (True, 10_000, 1),
        (True, 0, 1),
        (False, 10_000, 1),
    ]


class Seconds:
    """A clock hand that a test moves."""

    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


async def raise_fee(commands: Commands, value: str) -> None:
    async with commands.by_system() as uow:
        await update_setting(uow, key="order_fee_basis_points", value=value, reason="Holiday")


async def fee(cache: SettingsCache) -> object:
    return (await cache.current()).settings["order_fee_basis_points"].value


async def test_what_is_remembered_lasts_five_minutes(commands: Commands) -> None:
    seconds = Seconds()
    cache = SettingsCache(commands.database, monotonic=seconds)
    first = await fee(cache)
    await raise_fee(commands, "250")

    seconds.now += LIFETIME_SECONDS - 0.1
    remembered = await fee(cache)
    seconds.now += 0.1
    read_anew = await fee(cache)

    assert (first, remembered, read_anew) == (500, 500, 250)


async def test_an_event_makes_it_forget_at_once(commands: Commands) -> None:
    cache = SettingsCache(commands.database, monotonic=Seconds())
    await fee(cache)
    await raise_fee(commands, "250")
    async with commands.by_system() as uow:
        await update_flag(uow, key="tips", is_enabled=True, reason="Pilot")

    cache.bust(["order_fee_basis_points"])

    assert await fee(cache) == 250
    assert [flag.key for flag in (await cache.current()).flags] == ["tips"]


def reads_of(database: Database) -> list[str]:
    """Statements that read settings, from now on."""
    statements: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: object) -> None:
        if "FROM platform_settings" in statement:
            statements.append(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    return statements


async def test_what_was_busted_while_it_was_read_is_not_kept(commands: Commands) -> None:
    cache = SettingsCache(commands.database, monotonic=Seconds())
    reads = reads_of(commands.database)
    reading = asyncio.create_task(fee(cache))
    await asyncio.sleep(0)  # it is under way

    cache.bust(["order_fee_basis_points"])
    first = await reading
    second, third = await fee(cache), await fee(cache)

    assert (first, second, third, len(reads)) == (500, 500, 500, 2)


async def test_many_who_ask_at_once_read_once(commands: Commands) -> None:
    cache = SettingsCache(commands.database, monotonic=Seconds())
    reads = reads_of(commands.database)

    assert await asyncio.gather(*(fee(cache) for _ in range(20))) == [500] * 20
    assert len(reads) == 1
