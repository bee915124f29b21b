"""Listings for show: the market with its filters, the moderators' queue, what one person offers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import BigInteger, ColumnElement, Row, Select, Text, Uuid, bindparam, func, literal_column, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.columns import EnumText
from db.reads.paging import keyset
from db.tables.catalog import categories
from db.tables.listings import SEARCH_CONFIGURATION, listings
from domain.ids import ListingId, UserId
from domain.listings.listing import Listing
from domain.listings.search import ListingFilter, ListingSort
from domain.listings.status import ListingStatus
from domain.money import Asset, Money
from domain.page import Page, PageRequest

_SHOWN: Final = tuple(column for column in listings.c if column.computed is None)


async def market_page(
    connection: AsyncConnection, *, wanted: ListingFilter, sort: ListingSort, page: PageRequest
) -> Page[Listing]:
    """What everybody sees, on a connection that may stand at one instant; `market_rows` is the same for lists."""
    values = wanted_values(wanted)
    active = in_market(_select(), values)
    return (await keyset(connection, active, order=order_of(sort), page=page, values=values)).map(_listing)


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
    return (await keyset(connection, own, order=order_of(ListingSort.NEWEST), page=page)).map(_listing)


async def listings_by_ids(connection: AsyncConnection, ids: Collection[ListingId]) -> dict[ListingId, Listing]:
    """Listings by id, whatever became of them; who may see which is for the caller to ask."""
    rows = await connection.execute(_select().where(listings.c.id.in_(ids)))
    return {row.id: _listing(row) for row in rows}


def _select() -> Select[Any]:
    return select(*_SHOWN)


@cache
def order_of(sort: ListingSort) -> tuple[ColumnElement[Any], ...]:
    """The columns of an order; the last one is unique."""
    match sort:
        case ListingSort.NEWEST:
            return listings.c.created_at.desc(), listings.c.id.desc()
        case ListingSort.PRICE_ASC:
            return listings.c.price_asset.asc(), listings.c.price_minor.asc(), listings.c.id.asc()
        case ListingSort.PRICE_DESC:
            return listings.c.price_asset.desc(), listings.c.price_minor.desc(), listings.c.id.desc()


def in_market(statement: Select[Any], names: Iterable[str]) -> Select[Any]:
    """What everybody sees, and of it what the values of these names ask for."""
    return statement.where(listings.c.status == ListingStatus.ACTIVE, *(_CLAUSES[name] for name in names))


def wanted_values(wanted: ListingFilter) -> dict[str, object]:
    """What is asked for, by the names of the parameters that carry it, always in one order."""
    price = wanted.price
    values: dict[str, object | None] = {
        "city": wanted.city,
        "category_id": wanted.category_id,
        "text": wanted.text,
        "asset": price and price.asset,
        "lowest": price and price.lowest and price.lowest.minor,
        "highest": price and price.highest and price.highest.minor,
    }
    return {name: value for name, value in values.items() if value is not None}


def _at_and_below() -> Select[Any]:
    top = categories.alias("top")
    is_below = or_(categories.c.path == top.c.path, func.starts_with(categories.c.path, top.c.path + "/"))
    wanted = bindparam("category_id", type_=Uuid)
    return select(categories.c.id).select_from(categories.join(top, is_below)).where(top.c.id == wanted)


_CLAUSES: Final[Mapping[str, ColumnElement[bool]]] = MappingProxyType(
    {
        "city": listings.c.city_key == func.lower(bindparam("city", type_=Text)),
        "category_id": listings.c.category_id.in_(_at_and_below()),
        "text": listings.c.search.bool_op("@@")(
            func.websearch_to_tsquery(literal_column(f"'{SEARCH_CONFIGURATION}'"), bindparam("text", type_=Text))
        ),
        "asset": listings.c.price_asset == bindparam("asset", type_=EnumText(Asset)),
        "lowest": listings.c.price_minor >= bindparam("lowest", type_=BigInteger),
        "highest": listings.c.price_minor <= bindparam("highest", type_=BigInteger),
    }
)


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
