"""Listings as lists and pages show them, which is what is read most: rows, and no entity."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Any, Final

from sqlalchemy import Select, select, true

from db.read_pool import ReadPool
from db.reads.listings import in_market, order_of, wanted_values
from db.reads.people import UserRow
from db.reads.row_pages import Order, over, paged, rows_page
from db.rows import Row, column, part
from db.statements import ByKey, Statement, one_of, rows_max
from db.tables.identity import users
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


class OfferedRow(ListingRow):
    """A listing with who offers it: hardly anybody asks for the one without the other."""

    person: UserRow = part(UserRow)


_BY_IDS: Final[ByKey[ListingId, OfferedRow]] = ByKey(
    OfferedRow,
    lambda: _with_sellers(select(*ListingRow.columns).where(one_of(listings.c.id, "ids")), order=()),
    keys="ids",
    key="id",
)


async def market_rows(
    reads: ReadPool, *, wanted: ListingFilter, sort: ListingSort, page: PageRequest
) -> Page[OfferedRow]:
    """What everybody sees."""
    values = wanted_values(wanted)
    statement = _market(tuple(values), sort, page.first, page.after is None)
    return await rows_page(reads, statement, order=order_of(sort), page=page, values=values)


async def listing_rows(reads: ReadPool, ids: Collection[ListingId]) -> dict[ListingId, OfferedRow]:
    """Listings by id, whatever became of them; who may see which is for the caller to ask."""
    return {id: row for id, [row] in (await reads.fetch_by_key(_BY_IDS, ids)).items()}


@lru_cache(maxsize=SHAPES_MAX)
def _market(names: tuple[str, ...], sort: ListingSort, size: int, is_first: bool) -> Statement[OfferedRow]:
    order = order_of(sort)

    def page() -> Select[Any]:
        wanted = in_market(select(*ListingRow.columns), names)
        return _with_sellers(paged(wanted, order=order, size=size, is_first=is_first), order=order)

    return Statement(OfferedRow, page)


def _with_sellers(rows: Select[Any], *, order: Order) -> Select[Any]:
    """The same rows in the same order. Sellers are looked up for what the page holds, not for all that it is taken of.

    One by one, which the limit makes sure of: to the planner a page is as good a reason to go through all people.
    """
    listed = rows.subquery("listed")
    person = select(*OfferedRow.columns[len(ListingRow.columns) :]).where(users.c.id == listed.c.seller_id)
    seller = person.limit(rows_max(1)).lateral("seller")
    return select(*listed.c, *seller.c).join_from(listed, seller, true()).order_by(*over(listed, order))
