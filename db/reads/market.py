"""Listings as lists and pages show them, which is what is read most: rows, and no entity."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

from sqlalchemy import select

from db.read_pool import ReadPool
from db.reads.listings import in_market, order_of, wanted_values
from db.reads.row_pages import paged, rows_page
from db.rows import Row, column
from db.statements import Statement, one_of
from db.tables.listings import listings
from domain.ids import CategoryId, ListingId, UserId
from domain.instants import StoredInstant
from domain.listings.search import ListingFilter, ListingSort
from domain.listings.status import ListingStatus
from domain.money import Asset
from domain.page import Page, PageRequest

SHAPES_MAX: Final = 512


class ListingRow(Row):
    """A listing as it is shown."""

    id: ListingId = column(listings.c.id)
    seller_id: UserId = column(listings.c.seller_id)
    title: str = column(listings.c.title)
    description: str = column(listings.c.description)
    price_minor: int = column(listings.c.price_minor)
    price_asset: Asset = column(listings.c.price_asset)
    category_id: CategoryId = column(listings.c.category_id)
    city: str = column(listings.c.city)
    status: ListingStatus = column(listings.c.status)
    expires_at: StoredInstant | None = column(listings.c.expires_at)
    rejection_reason: str | None = column(listings.c.rejection_reason)
    flags_count: int = column(listings.c.flags_count)
    risk_score: int = column(listings.c.risk_score)
    version: int = column(listings.c.version)
    submitted_at: StoredInstant = column(listings.c.submitted_at)
    created_at: StoredInstant = column(listings.c.created_at)
    updated_at: StoredInstant = column(listings.c.updated_at)


_BY_IDS: Final = Statement(ListingRow, lambda: select(*ListingRow.columns).where(one_of(listings.c.id, "ids")))


async def market_rows(
    reads: ReadPool, *, wanted: ListingFilter, sort: ListingSort, page: PageRequest
) -> Page[ListingRow]:
    """What everybody sees."""
    values = wanted_values(wanted)
    statement = _market(tuple(values), sort, page.first, page.after is None)
    return await rows_page(reads, statement, order=order_of(sort), page=page, values=values)


async def listing_rows(reads: ReadPool, ids: Collection[ListingId]) -> dict[ListingId, ListingRow]:
    """Listings by id, whatever became of them; who may see which is for the caller to ask."""
    return {row.id: row for row in await reads.fetch(_BY_IDS, {"ids": ids})}


@lru_cache(maxsize=SHAPES_MAX)
def _market(names: tuple[str, ...], sort: ListingSort, size: int, is_first: bool) -> Statement[ListingRow]:
    order = order_of(sort)
    return Statement(
        ListingRow,
        lambda: paged(in_market(select(*ListingRow.columns), names), order=order, size=size, is_first=is_first),
    )
