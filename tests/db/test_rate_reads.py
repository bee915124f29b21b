"""What is read of the rates stays little, however many were recorded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.dialects import postgresql

from db.reads.conversion import latest_rates, rates_said
from db.tables.conversion import exchange_rates
from domain.ids import new_id
from domain.money import Asset
from domain.wallets.rates import FINANCE
from tests.commands import Commands

RECORDED = 1_000
OBSERVED = (Asset.KES, Asset.INR, Asset.USD, Asset.EUR)


async def record(commands: Commands, asset: Asset, source: str) -> None:
    """So many rates, one a minute up to now; those of finance are over but for the last."""
    rows = [
        {
            "id": new_id(),
            "asset": asset,
            "per_usdt": Decimal(minutes + 1),
            "source": source,
            "observed_at": commands.now - timedelta(minutes=minutes),
            "valid_until": commands.now + timedelta(minutes=1 - minutes) if source == FINANCE else None,
            "version": 0,
        }
        for minutes in range(RECORDED)
    ]
    async with commands.database.transaction() as connection:
        await connection.execute(insert(exchange_rates), rows)


def rows_read(plan: Mapping[str, Any]) -> Iterator[float]:
    yield plan["Actual Rows"] * plan["Actual Loops"] + plan.get("Rows Removed by Filter", 0)
    for part in plan.get("Plans", []):
        yield from rows_read(part)


async def test_of_thousands_of_rates_a_few_rows_are_read(commands: Commands) -> None:
    for asset in OBSERVED:
        await record(commands, asset, "quotations")
        await record(commands, asset, "sandbox")
    await record(commands, Asset.POINTS, FINANCE)
    async with commands.database.transaction() as connection:
        await connection.execute(text("analyze exchange_rates"))
    statement = latest_rates(at=commands.now).compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )

    async with commands.database.read() as connection:
        said = await rates_said(connection, at=commands.now)
        explained = await connection.exec_driver_sql(f"explain (analyze, format json) {statement}")
        plan = explained.scalar_one()

    assert {(rate.asset, rate.source) for rate in said} == {
        *((asset, source) for asset in OBSERVED for source in ("quotations", "sandbox")),
        (Asset.POINTS, FINANCE),
    }
    assert {rate.per_usdt for rate in said} == {Decimal(1)}
    assert sum(rows_read(plan[0]["Plan"])) < 500
