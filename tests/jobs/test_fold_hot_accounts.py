"""The job takes long tails into their snapshots, and balances stay what they are."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from db.tables.ledger import ledger_unfolded
from domain.ledger import chart
from domain.ledger.posting import post
from domain.money import Asset
from jobs import fold_hot_accounts
from jobs.parts import Parts
from tests.commands import Commands
from tests.makers.wallets import balance, grant, kes, make_holder, points, verified


async def unfolded(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(ledger_unfolded)) or 0


@pytest.mark.parametrize(("grants", "left"), [(500, 500), (501, 0)])
async def test_only_a_tail_beyond_the_limit_is_folded(commands: Commands, parts: Parts, grants: int, left: int) -> None:
    amina = await make_holder(commands)
    account = chart.user_wallet(amina.user_id, Asset.KES)
    async with commands.by_system() as uow:
        for _ in range(grants):
            await post(uow, grant(account, kes(1)))
        await post(uow, grant(chart.user_points(amina.user_id), points(1)))

    await fold_hot_accounts.fold_long_tails(parts)

    assert await unfolded(commands) == left + 1
    assert await balance(commands, chart.adjustments(Asset.KES)) == kes(-grants)
    assert (await verified(commands)).is_sound
