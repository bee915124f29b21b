"""Listings for show: the market with its filters, the moderators' queue, what one person offers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.tables.catalog import categories
from db.tables.listings import SEARCH_CONFIGURATION, listings
from domain.ids import CategoryId, ListingId, UserId
from domain.listings.listing import Listing
from domain.listings.search import ListingFilter, ListingSort
from domain.listings.status import ListingStatus
from domain.money import Money
from domain.page import Page, PageRequest

_SHOWN: Final = tuple(column for column in listings.c if column.computed is None)


async def market_page(
    connection: AsyncConnection, *, wanted: ListingFilter, sort: ListingSort, page: PageRequest
) -> Page[Listing]:
    """What everybody sees."""
    active = _select().where(listings.c.status == ListingStatus.ACTIVE, *_clauses(wanted))
    return (await keyset(connection, active, order=_order(sort), page=page)).map(_listing)


async def queue_page(connection: AsyncConnection, *, page: PageRequest) -> Page[Listing]:
    """What waits for a moderator: the riskiest first, among equals the one that waits longest."""
    waiting = _select().where(listings.c.status == ListingStatus.PENDING)
    order = (listings.c.risk_score.desc(), listings.c.submitted_at.asc(), listings.c.id.asc())
    return (await keyset(connection, waiting, order=order, page=page)).map(_listing)


async def seller_page(
    connection: AsyncConnection, *, seller_id: UserId, statuses: Collection[ListingStatus], page: PageRequest
) -> Page[Listing]:
    """What one person offers or offered, the newest first."""
    own = _select().where(listings.c.seller_id == seller_id, listings.c.status.in_(statuses))
    return (await keyset(connection, own, order=_order(ListingSort.NEWEST), page=page)).map(_listing)


async def listings_by_ids(connection: AsyncConnection, ids: Collection[ListingId]) -> dict[ListingId, Listing]:
    """Listings by id, whatever became of them; who may see which is for the caller to ask."""
    rows = await connection.execute(_select().where(listings.c.id.in_(ids)))
    return {row.id: _listing(row) for row in rows}


def _select() -> Select[Any]:
    return select(*_SHOWN)


def _order(sort: ListingSort) -> tuple[ColumnElement[Any], ...]:
    match sort:
        case ListingSort.NEWEST:
            return listings.c.created_at.desc(), listings.c.id.desc()
        case ListingSort.PRICE_ASC:
            return listings.c.price_asset.asc(), listings.c.price_minor.asc(), listings.c.id.asc()
        case ListingSort.PRICE_DESC:
            return listings.c.price_asset.desc(), listings.c.price_minor.desc(), listings.c.id.desc()


def _clauses(wanted: ListingFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.city is not None:
        yield listings.c.city_key == func.lower(wanted.city)
    if wanted.category_id is not None:
        yield listings.c.category_id.in_(_at_and_below(wanted.category_id))
    if wanted.text is not None:
        yield listings.c.search.bool_op("@@")(func.websearch_to_tsquery(SEARCH_CONFIGURATION, wanted.text))
    if wanted.price is not None:
        yield listings.c.price_asset == wanted.price.asset
        if wanted.price.lowest is not None:
            yield listings.c.price_minor >= wanted.price.lowest.minor
        if wanted.price.highest is not None:
            yield listings.c.price_minor <= wanted.price.highest.minor


def _at_and_below(category_id: CategoryId) -> Select[Any]:
    top = categories.alias("top")
    is_below = or_(categories.c.path == top.c.path, func.starts_with(categories.c.path, top.c.path + "/"))
    return select(categories.c.id).select_from(categories.join(top, is_below)).where(top.c.id == category_id)


def _listing(row: Row[Any]) -> Listing:
    return Listing(
        id=row.id,
        seller_id=row.seller_id,
        title=row.title,
        description=row.description,
        price=Money(row.price_minor, row.price_asset),
        category_id=row.category_id,
        city=row.city,
        status=row.status,
        expires_at=row.expires_at,
        rejection_reason=row.rejection_reason,
        flags_count=row.flags_count,
        flags_since_approval=row.flags_since_approval,
        risk_score=row.risk_score,
        version=row.version,
        submitted_at=row.submitted_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
