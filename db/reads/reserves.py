"""What stands behind the points."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.ledger import balance_of
from db.tables.ledger import ledger_accounts
from domain.ledger import chart
from domain.ledger.account import AccountKind
from domain.money import Asset, Money
from domain.wallets.reserves import Reserves


async def reserves(connection: AsyncConnection) -> Reserves:
    """Points that people own, and the USDT set aside for them; on a connection that stands at one instant."""
    columns = ledger_accounts.c
    owned = select(func.sum(columns.posted_minor)).where(
        columns.kind == AccountKind.WALLET, columns.asset == Asset.POINTS
    )
    minor = await connection.scalar(owned)
    return Reserves(
        points_outstanding=Money(int(minor or 0), Asset.POINTS),
        usdt_allocated=await balance_of(connection, chart.usdt_reserve()),
    )
