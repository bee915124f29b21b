"""A convoy reads by keys, whatever size the tables had when its statement was planned."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from db.convoys import BY_KEYS, LOOK
from tests.commands import Commands


async def test_the_plan_of_small_tables_still_looks_keys_up_when_they_are_large(commands: Commands) -> None:
    async with commands.database.transaction() as connection:
        await connection.exec_driver_sql(BY_KEYS)
        await connection.exec_driver_sql("set local plan_cache_mode = force_generic_plan")
        await connection.exec_driver_sql(f"prepare look(uuid[], text) as {LOOK}")
        explained = await connection.exec_driver_sql("explain (format json) execute look(null, null)")
        await connection.exec_driver_sql("deallocate look")
        scans = list(scans_of(explained.scalar_one()[0]["Plan"]))

    by_condition = {scan["Index Name"]: "Index Cond" in scan for scan in scans if "Index Name" in scan}
    assert by_condition == {"pk_idempotency_keys": True, "pk_users": True, "pk_wallets": True}
    assert "Seq Scan" not in {scan["Node Type"] for scan in scans}


def scans_of(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every step of a plan."""
    yield plan
    for part in plan.get("Plans", ()):
        yield from scans_of(part)
