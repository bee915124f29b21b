"""Exchange rates and quotes, loaded for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import delete, select

from db.reads.conversion import latest_rates
from db.tables.conversion import conversion_quotes, exchange_rates
from db.transaction import Transaction
from domain.ids import QuoteId, RateId
from domain.money import Asset
from domain.wallets.errors import QuoteNotFound, RateNotFound
from domain.wallets.quote import ConversionQuote
from domain.wallets.rates import FINANCE, ExchangeRate


class SqlRates:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def latest(self, *, at: datetime) -> list[ExchangeRate]:
        return list(await self._transaction.session.scalars(latest_rates(at=at)))

    async def latest_of(self, asset: Asset, *, at: datetime) -> list[ExchangeRate]:
        rows = await self._transaction.driver.fetch(_LATEST_OF, asset.name, at)
        return [ExchangeRate(**{**row, "asset": asset}) for row in rows]

    async def get_set_for_update(self, rate_id: RateId) -> ExchangeRate:
        wanted = select(ExchangeRate).where(exchange_rates.c.id == rate_id, exchange_rates.c.source == FINANCE)
        rate = await self._transaction.session.scalar(wanted.with_for_update())
        if rate is None:
            raise RateNotFound
        return rate

    async def add(self, rate: ExchangeRate) -> None:
        self._transaction.session.add(rate)


class SqlQuotes:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get_for_update(self, quote_id: QuoteId) -> ConversionQuote:
        quote = await self._transaction.session.get(ConversionQuote, quote_id, with_for_update=True)
        if quote is None:
            raise QuoteNotFound
        return quote

    async def add(self, quote: ConversionQuote) -> None:
        self._transaction.session.add(quote)

    async def purge(self, *, expired_before: datetime, limit: int) -> int:
        columns = conversion_quotes.c
        oldest = (
            select(columns.id)
            .where(columns.executed_at.is_(None), columns.expires_at < expired_before)
            .order_by(columns.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        gone = await self._transaction.session.execute(
            delete(conversion_quotes).where(columns.id.in_(oldest)).returning(columns.id)
        )
        return len(gone.all())


# As `latest_rates` does it, for one asset.
_LATEST_OF: Final = """
    with recursive said as (
        (select source from exchange_rates where asset = $1 order by source limit 1)
        union all
        select (
            select source from exchange_rates where asset = $1 and source > said.source order by source limit 1
        ) from said where said.source is not null
    )
    select newest.* from said cross join lateral (
        select id, asset, per_usdt, source, observed_at, valid_until, version from exchange_rates
        where asset = $1 and source = said.source and (valid_until is null or valid_until > $2)
        order by observed_at desc, id desc limit 1
    ) newest
"""
