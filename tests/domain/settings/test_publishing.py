"""Settings and flags are changed for a reason, and everybody who keeps them is told."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import insert

from db.reads.settings import all_flags, all_settings
from db.tables.settings import feature_flags
from domain.errors import InvalidInput, VersionConflict
from domain.settings.errors import SettingNotFound, TooManyFlags
from domain.settings.flags import FeatureFlag
from domain.settings.platform_settings import SETTINGS, PlatformSetting
from domain.settings.publishing import update_flag, update_setting
from tests.commands import NOON, Commands


async def settings(commands: Commands) -> dict[str, PlatformSetting]:
    async with commands.database.read() as connection:
        return await all_settings(connection)


async def flags(commands: Commands) -> list[FeatureFlag]:
    async with commands.database.read() as connection:
        return await all_flags(connection)


async def set_fee(commands: Commands, value: str, *, expected_version: int | None = None) -> PlatformSetting:
    async with commands.by_system() as uow:
        return await update_setting(
            uow, key="order_fee_basis_points", value=value, reason="Holiday", expected_version=expected_version
        )


async def test_an_unchanged_setting_has_its_default(commands: Commands) -> None:
    found = await settings(commands)

    assert list(found) == list(SETTINGS)
    fee = found["order_fee_basis_points"]
    assert (fee.value, fee.value_json, fee.version, fee.updated_at) == (500, "500", 0, None)


async def test_a_change_is_kept_told_and_audited_with_before_and_after(commands: Commands) -> None:
    changed = await set_fee(commands, "250", expected_version=0)

    assert (changed.value, changed.version) == (250, 1)
    fee = (await settings(commands))["order_fee_basis_points"]
    assert (fee.value, fee.version, fee.updated_at) == (250, 1, NOON)
    [event] = await commands.events("settings.updated")
    subject = "platform_settings:order_fee_basis_points"
    assert (event.body, event.subject) == ({"keys": ["order_fee_basis_points"], "about": subject}, subject)
    [entry] = await commands.trail()
    assert (entry.reason, entry.subject) == ("Holiday", subject)
    [change] = entry.changes
    assert (change["before"]["value"], change["after"]["value"]) == (500, 250)


@pytest.mark.parametrize(
    ("key", "value"), [("transfers_open", False), ("announcement", "Karibu"), ("announcement", "")]
)
async def test_values_come_back_as_they_went(commands: Commands, key: str, value: bool | str) -> None:
    async with commands.by_system() as uow:
        written = await update_setting(
            uow, key=key, value=PlatformSetting(key=key, value=value).value_json, reason="Holiday"
        )

    read = (await settings(commands))[key]
    assert (read.value, type(read.value)) == (value, type(value))
    assert read.value_json == written.value_json


async def test_two_changes_of_one_version_leave_one(commands: Commands) -> None:
    outcomes = await asyncio.gather(
        set_fee(commands, "100", expected_version=0),
        set_fee(commands, "200", expected_version=0),
        return_exceptions=True,
    )

    [won] = [outcome for outcome in outcomes if isinstance(outcome, PlatformSetting)]
    [lost] = [outcome for outcome in outcomes if isinstance(outcome, VersionConflict)]
    assert lost.current_version == 1
    assert (await settings(commands))["order_fee_basis_points"].value == won.value
    assert len(await commands.events()) == 1


async def test_a_refused_change_leaves_nothing(commands: Commands) -> None:
    with pytest.raises(InvalidInput):
        await set_fee(commands, "10001")
    with pytest.raises(VersionConflict):
        await set_fee(commands, "100", expected_version=3)
    with pytest.raises(SettingNotFound):
        async with commands.by_system() as uow:
            await update_setting(uow, key="free_money", value="1", reason="Holiday")
    with pytest.raises(InvalidInput) as no_reason:
        async with commands.by_system() as uow:
            await update_setting(uow, key="order_fee_basis_points", value="1", reason=" ")

    assert no_reason.value.faults[0].path == ("reason",)
    assert (await settings(commands))["order_fee_basis_points"].version == 0
    assert (await commands.events(), await commands.trail()) == ([], [])


async def test_an_unknown_flag_is_added_and_a_known_one_dimmed(commands: Commands) -> None:
    async with commands.by_system() as uow:
        await update_flag(uow, key="voucher_books", is_enabled=True, description="Printed books", reason="Pilot")
    async with commands.by_system() as uow:
        await update_flag(
            uow, key="voucher_books", is_enabled=True, rollout_basis_points=2_500, reason="Pilot", expected_version=1
        )

    [flag] = await flags(commands)
    assert (flag.key, flag.is_enabled, flag.rollout_basis_points, flag.description, flag.version) == (
        "voucher_books",
        True,
        2_500,
        "Printed books",
        2,
    )
    assert [event.body["keys"] for event in await commands.events()] == [["flags.voucher_books"]] * 2
    assert {event.subject for event in await commands.events()} == {"feature_flags:voucher_books"}
    [change] = (await commands.trail())[-1].changes
    assert (change["before"]["rollout_basis_points"], change["after"]["rollout_basis_points"]) == (10_000, 2_500)


async def test_one_flag_is_added_once_by_parallel_commands(commands: Commands) -> None:
    async def add() -> FeatureFlag:
        async with commands.by_system() as uow:
            return await update_flag(uow, key="tips", is_enabled=True, reason="Pilot")

    added = await asyncio.gather(*(add() for _ in range(4)))

    assert sorted(flag.version for flag in added) == [1, 2, 3, 4]
    assert [(flag.key, flag.version) for flag in await flags(commands)] == [("tips", 4)]


async def test_no_more_flags_than_are_evaluated(commands: Commands) -> None:
    rows = [
        {
            "key": f"flag_{number}",
            "description": "",
            "is_enabled": False,
            "rollout_basis_points": 0,
            "version": 1,
            "updated_at": NOON,
        }
        for number in range(200)
    ]
    async with commands.database.transaction() as connection:
        await connection.execute(insert(feature_flags), rows)

    with pytest.raises(TooManyFlags):
        async with commands.by_system() as uow:
            await update_flag(uow, key="one_more", is_enabled=True, reason="Pilot")

    assert len(await flags(commands)) == 200
    assert await commands.events() == []
