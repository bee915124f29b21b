"""Exchange rates for show, and the statement behind them."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import CTE, Select, or_, select, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.conversion import exchange_rates
from domain.ids import RateId
from domain.wallets.rates import ExchangeRate


def latest_rates(*, at: datetime) -> Select[Any]:
    """Of each asset and source the newest rate whose time is not over.

    Rates are never forgotten, so the index is entered once for each asset and source instead of read through.
    """
    said, rate = _said_by(), exchange_rates.c
    newest = (
        select(rate.id)
        .where(rate.asset == said.c.asset, rate.source == said.c.source)
        .where(or_(rate.valid_until.is_(None), rate.valid_until > at))
        .order_by(rate.observed_at.desc(), rate.id.desc())
        .limit(1)
        .correlate(said)
        .lateral("newest")
    )
    return select(ExchangeRate).where(rate.id.in_(select(newest.c.id).select_from(said.join(newest, true()))))


def _said_by() -> CTE:
    """Who said anything about what: the first pair of the index, and each time the next one behind it."""
    pair = exchange_rates.c.asset, exchange_rates.c.source
    first = select(*pair).order_by(*pair).limit(1).subquery("first")
    said = select(first.c.asset, first.c.source).cte("said", recursive=True)
    behind = tuple_(*pair) > tuple_(said.c.asset, said.c.source)
    following = select(*pair).where(behind).order_by(*pair).limit(1).correlate(said).lateral("following")
    return said.union_all(select(following.c.asset, following.c.source).select_from(said.join(following, true())))


async def rates_said(connection: AsyncConnection, *, at: datetime) -> list[ExchangeRate]:
    """Of each asset what every source said last, as far as it still stands."""
    columns = exchange_rates.c
    rows = latest_rates(at=at).with_only_columns(*columns)
    return [ExchangeRate(**row._mapping) for row in await connection.execute(rows)]


async def rates_by_ids(connection: AsyncConnection, ids: Collection[RateId]) -> dict[RateId, ExchangeRate]:
    """Rates by id, however old."""
    rows = await connection.execute(select(exchange_rates).where(exchange_rates.c.id.in_(ids)))
    return {row.id: ExchangeRate(**row._mapping) for row in rows}
