"""Keyset pages: every row once, whatever arrives in between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import Column, ColumnElement, Integer, MetaData, Table, Text, Uuid, insert, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.columns import EnumText, Instant
from db.engine import Database
from db.reads.paging import keyset
from domain.errors import InvalidInput
from domain.money import Asset
from domain.page import Page, PageRequest

NOON = datetime(2026, 11, 20, 12, 0, 0, 123456, tzinfo=UTC)

items = Table(
    "paged_items",
    MetaData(),
    Column("id", Uuid, primary_key=True),
    Column("rank", Integer, nullable=False),
    Column("city", Text, nullable=False),
    Column("asset", EnumText(Asset), nullable=False),
    Column("at", Instant, nullable=False),
    prefixes=["temporary"],
)

NEWEST = (items.c.at.desc(), items.c.id.desc())
RISKIEST = (items.c.rank.desc(), items.c.at.asc(), items.c.id.asc())
CHEAPEST = (items.c.asset.asc(), items.c.city.asc(), items.c.id.asc())


def item(number: int, *, rank: int = 0, minutes: int = 0, asset: Asset = Asset.KES) -> dict[str, Any]:
    return {
        "id": UUID(int=number),
        "rank": rank,
        "city": f"city {number % 3}",
        "asset": asset,
        "at": NOON + timedelta(minutes=minutes),
    }


@pytest_asyncio.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    async with database.read() as reading:
        await reading.run_sync(items.create)
        yield reading
        await reading.run_sync(items.drop)


async def page_of(connection: AsyncConnection, order: Sequence[ColumnElement[Any]], request: PageRequest) -> Page[int]:
    page = await keyset(connection, select(items.c.id), order=order, page=request)
    return page.map(lambda row: int(row.id.int))


async def walk(connection: AsyncConnection, order: Sequence[ColumnElement[Any]], size: int) -> list[int]:
    seen: list[int] = []
    request = PageRequest(size)
    while True:
        page = await page_of(connection, order, request)
        seen += page.items
        if not page.has_next:
            return seen
        request = PageRequest(size, page.keys[-1])


@pytest.mark.parametrize("order", [NEWEST, RISKIEST, CHEAPEST], ids=["newest", "riskiest", "cheapest"])
@pytest.mark.parametrize("size", [1, 3, 7, 50])
async def test_walking_shows_every_row_once_in_order(
    connection: AsyncConnection, order: Sequence[ColumnElement[Any]], size: int
) -> None:
    rows = [item(n, rank=n % 2, minutes=n // 4, asset=list(Asset)[n % 4]) for n in range(1, 22)]
    await connection.execute(insert(items), rows)
    expected = [int(row.id.int) for row in await connection.execute(select(items.c.id).order_by(*order))]

    assert await walk(connection, order, size) == expected
    assert sorted(expected) == list(range(1, 22))


async def test_a_page_says_whether_more_follow(connection: AsyncConnection) -> None:
    await connection.execute(insert(items), [item(n) for n in range(1, 4)])

    short, exact = [await page_of(connection, NEWEST, PageRequest(size)) for size in (2, 3)]

    assert (short.items, short.has_next) == ((3, 2), True)
    assert (exact.items, exact.has_next) == ((3, 2, 1), False)


async def test_the_keys_are_json_values_to_the_microsecond(connection: AsyncConnection) -> None:
    await connection.execute(insert(items), [item(7, rank=3)])

    page = await page_of(connection, RISKIEST, PageRequest(1))

    assert page.keys == ((3, "2026-11-20T12:00:00.123456+00:00", "00000000-0000-0000-0000-000000000007"),)


async def test_rows_that_arrive_neither_repeat_nor_hide_one(connection: AsyncConnection) -> None:
    await connection.execute(insert(items), [item(n, minutes=n) for n in range(1, 5)])
    first = await page_of(connection, NEWEST, PageRequest(2))

    await connection.execute(insert(items), [item(9, minutes=60), item(8, minutes=-60)])
    second = await page_of(connection, NEWEST, PageRequest(2, first.keys[-1]))
    third = await page_of(connection, NEWEST, PageRequest(2, second.keys[-1]))

    assert [first.items, second.items, third.items] == [(4, 3), (2, 1), (8,)]


@pytest.mark.parametrize(
    "after",
    [
        (),
        ("2026-11-20T12:00:00+00:00",),
        (1, "00000000-0000-0000-0000-000000000007"),
        ("yesterday", "00000000-0000-0000-0000-000000000007"),
        ("2026-11-20T12:00:00", "00000000-0000-0000-0000-000000000007"),
        ("2026-11-20T12:00:00+00:00", "seven"),
        ("2026-11-20T12:00:00+00:00", None),
    ],
)
async def test_the_keys_of_another_list_are_refused(
    connection: AsyncConnection, after: tuple[str | int | None, ...]
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await page_of(connection, NEWEST, PageRequest(2, after))

    assert refused.value.faults[0].path == ("after",)
