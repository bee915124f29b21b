"""Which rate stands: finance's before what was observed, the newest before older ones, none that is stale."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from db.reads.conversion import rates_said
from db.tables.conversion import exchange_rates
from domain.errors import InvalidInput
from domain.identity.roles import Role
from domain.ids import RateId, new_id
from domain.money import Asset
from domain.settings.events import SettingsUpdated
from domain.wallets.errors import RateAlreadyOver, RateNotFound
from domain.wallets.rate_keeping import set_rate, withdraw_rate
from domain.wallets.rates import ExchangeRate, checked_rate, standing_rates
from tests.commands import Commands
from tests.makers.conversion import TERMS, observe
from tests.makers.people import make_person

KES = Asset.KES


async def standing(commands: Commands) -> dict[Asset, tuple[str, str]]:
    async with commands.database.read() as connection:
        said = await rates_said(connection, at=commands.now)
    found = standing_rates(said, at=commands.now, stale_after=TERMS.stale_after)
    return {asset: (f"{rate.per_usdt.normalize():f}", rate.source) for asset, rate in found.items()}


async def set_by_finance(commands: Commands, rate: str, *, seconds: int = 3_600) -> ExchangeRate:
    clerk = await make_person(commands, Role.FINANCE)
    async with commands.by(clerk) as uow:
        return await set_rate(uow, asset=KES, rate=rate, valid_for_seconds=seconds, reason="Central bank's fixing")


async def test_the_newest_observed_rate_stands_until_it_is_stale(commands: Commands) -> None:
    await observe(commands, {KES: Decimal("129.25")})
    commands.later(timedelta(minutes=10))
    await observe(commands, {KES: Decimal("130.5")})

    assert await standing(commands) == {KES: ("130.5", "sandbox")}
    commands.later(timedelta(minutes=15, milliseconds=-1))
    assert await standing(commands) == {KES: ("130.5", "sandbox")}
    commands.later(timedelta(milliseconds=1))
    assert await standing(commands) == {}


async def test_finance_goes_before_what_is_observed_until_its_time_is_over(commands: Commands) -> None:
    await set_by_finance(commands, "128", seconds=60)
    commands.later(timedelta(seconds=30))
    await observe(commands, {KES: Decimal("130.5")})

    assert await standing(commands) == {KES: ("128", "finance")}
    commands.later(timedelta(seconds=30))
    assert await standing(commands) == {KES: ("130.5", "sandbox")}
    [event] = await commands.events("settings.updated")
    assert event.body["keys"] == ["exchange_rates"]
    assert event.name == SettingsUpdated.name


async def test_a_rate_that_finance_takes_back_stands_no_longer(commands: Commands) -> None:
    await observe(commands, {KES: Decimal("130.5")})
    made = await set_by_finance(commands, "128")

    async with commands.by_system() as uow:
        ended = await withdraw_rate(uow, rate_id=made.id, reason="A slip of the pen")

    assert (ended.valid_until, ended.version) == (commands.now, 1)
    assert await standing(commands) == {KES: ("130.5", "sandbox")}
    assert [entry.reason for entry in await commands.trail()][-1] == "A slip of the pen"
    with pytest.raises(RateAlreadyOver):
        async with commands.by_system() as uow:
            await withdraw_rate(uow, rate_id=made.id, reason="Once more")


async def test_what_nobody_set_cannot_be_taken_back(commands: Commands) -> None:
    await observe(commands, {KES: Decimal("130.5")})
    async with commands.database.read() as connection:
        [found] = await connection.scalars(select(exchange_rates.c.id))
        observed = RateId(found)

    for rate_id in (observed, RateId(new_id())):
        with pytest.raises(RateNotFound):
            async with commands.by_system() as uow:
                await withdraw_rate(uow, rate_id=rate_id, reason="Not mine")
    assert await standing(commands) == {KES: ("130.5", "sandbox")}


async def test_what_is_no_news_is_not_recorded_again_and_does_not_grow_stale(commands: Commands) -> None:
    for _ in range(40):
        await observe(commands, {KES: Decimal("130.5")})
        commands.later(timedelta(seconds=20))

    async with commands.database.read() as connection:
        rows = list(await connection.scalars(select(exchange_rates.c.observed_at).order_by("observed_at")))
    assert [later - earlier for earlier, later in zip(rows, rows[1:], strict=False)] == [timedelta(seconds=60)] * 13
    assert await standing(commands) == {KES: ("130.5", "sandbox")}


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"asset": Asset.USDT}, ("asset",)),
        ({"rate": "0"}, ("rate",)),
        ({"rate": "0.00000000"}, ("rate",)),
        ({"rate": "-1"}, ("rate",)),
        ({"rate": "1e3"}, ("rate",)),
        ({"rate": "1.123456789"}, ("rate",)),
        ({"rate": "1234567890"}, ("rate",)),
        ({"rate": "١٢٩"}, ("rate",)),
        ({"valid_for_seconds": 0}, ("validForSeconds",)),
        ({"valid_for_seconds": 2_592_001}, ("validForSeconds",)),
        ({"reason": "no"}, ("reason",)),
    ],
)
async def test_faulty_rates_are_refused_and_leave_nothing(
    commands: Commands, changes: dict[str, object], path: tuple[str, ...]
) -> None:
    given: dict[str, object] = {"asset": KES, "rate": "129", "valid_for_seconds": 60, "reason": "Fixing"} | changes

    with pytest.raises(InvalidInput) as refused:
        async with commands.by_system() as uow:
            await set_rate(uow, **given)  # type: ignore[arg-type]

    assert [fault.path for fault in refused.value.faults] == [path]
    assert await standing(commands) == {}
    assert await commands.events() == []


def test_a_rate_is_read_exactly() -> None:
    assert checked_rate("129.25000000") == Decimal("129.25")
    assert checked_rate("999999999.99999999") == Decimal("999999999.99999999")
