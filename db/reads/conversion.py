"""Exchange rates for show, and the statement behind them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Select, or_, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.conversion import exchange_rates
from domain.ids import RateId
from domain.wallets.rates import ExchangeRate


def latest_rates(*, at: datetime) -> Select[Any]:
    """Of each asset and source the newest rate whose time is not over."""
    columns = exchange_rates.c
    return (
        select(ExchangeRate)
        .ext(distinct_on(columns.asset, columns.source))
        .where(or_(columns.valid_until.is_(None), columns.valid_until > at))
        .order_by(columns.asset, columns.source, columns.observed_at.desc(), columns.id.desc())
    )


async def rates_said(connection: AsyncConnection, *, at: datetime) -> list[ExchangeRate]:
    """Of each asset what every source said last, as far as it still stands."""
    columns = exchange_rates.c
    rows = latest_rates(at=at).with_only_columns(*columns)
    return [ExchangeRate(**row._mapping) for row in await connection.execute(rows)]


async def rates_by_ids(connection: AsyncConnection, ids: Collection[RateId]) -> dict[RateId, ExchangeRate]:
    """Rates by id, however old."""
    rows = await connection.execute(select(exchange_rates).where(exchange_rates.c.id.in_(ids)))
    return {row.id: ExchangeRate(**row._mapping) for row in rows}
