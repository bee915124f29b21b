"""Rates are observed and recorded; a source that fails leaves what is known; unused quotes go after a day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import select

from db.reads.conversion import rates_said
from db.tables.conversion import conversion_quotes
from domain.errors import GatewayFault
from domain.money import Asset
from integrations.sandbox.rates import RATES, SandboxRates
from jobs.parts import Parts
from jobs.purge_quotes import purge_unused_quotes
from jobs.refresh_rates import refresh_rates
from tests.commands import Commands
from tests.makers.conversion import execute, make_quote, observe
from tests.makers.wallets import make_holder, usdt


class Silent:
    """A source that does not answer."""

    name = "silent"

    async def observe(self) -> Mapping[Asset, Decimal]:
        raise GatewayFault(self.name, None, "silent does not answer.")


async def said(commands: Commands) -> dict[Asset, Decimal]:
    async with commands.database.read() as connection:
        return {rate.asset: rate.per_usdt for rate in await rates_said(connection, at=commands.now)}


async def test_what_the_source_tells_is_recorded(commands: Commands, parts: Parts) -> None:
    await refresh_rates(replace(parts, rate_source=SandboxRates()))

    assert await said(commands) == dict(RATES)


async def test_a_source_that_fails_leaves_what_is_known(commands: Commands, parts: Parts) -> None:
    await observe(commands)

    await refresh_rates(replace(parts, rate_source=Silent()))
    await refresh_rates(replace(parts, rate_source=None))

    assert await said(commands) == dict(RATES)


async def test_unused_quotes_are_kept_for_a_day_and_used_ones_for_good(commands: Commands, parts: Parts) -> None:
    await observe(commands)
    amina = await make_holder(commands, usdt(10_000_000))
    used = await make_quote(commands, amina, usdt(1_000_000), Asset.KES)
    await execute(commands, amina, used)
    await make_quote(commands, amina, usdt(2_000_000), Asset.KES)
    commands.later(timedelta(seconds=1))
    young = await make_quote(commands, amina, usdt(3_000_000), Asset.KES)

    commands.later(timedelta(days=1, seconds=60))
    await purge_unused_quotes(parts)

    async with commands.database.read() as connection:
        left = await connection.scalars(select(conversion_quotes.c.id).order_by(conversion_quotes.c.quoted_at))
        assert list(left) == [used.quote.id, young.quote.id]
