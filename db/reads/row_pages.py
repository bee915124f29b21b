"""Keyset pages of hot reads: one statement for each shape and size, and sort keys for whoever asks for a cursor."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from operator import attrgetter
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Integer, Select, UnaryExpression, Uuid
from sqlalchemy.sql.operators import asc_op

from db.columns import Instant
from db.read_pool import ReadPool
from db.reads.paging import Key, behind, plain_key, seen_values, sorted_by
from db.rows import Row
from db.statements import ByKey, K, R, Statement, rows_max
from domain.instants import StoredInstant, instant_of
from domain.page import Page, PageRequest

ORDERS_MAX: Final = 64

Order: TypeAlias = tuple[ColumnElement[Any], ...]
Mark: TypeAlias = tuple[Key, ...]


async def rows_page(
    reads: ReadPool, statement: Statement[R], *, order: Order, page: PageRequest, values: Mapping[str, object]
) -> Page[R]:
    """One page of a statement that was made by `paged` for this order and size.

    Raises:
        InvalidInput: `page.after` was not made by a list of this order.
        Overloaded: there was no connection in time.
    """
    if page.after is not None:
        values = {**values, **seen_values(order, tuple(_dated(order, page.after)))}
    return _page(await reads.fetch_together(statement, values), order, page)


async def rows_page_of(reads: ReadPool, statement: ByKey[K, R], key: K, *, order: Order, page: PageRequest) -> Page[R]:
    """One page of what belongs to a key, by a statement that answers such a page for each of many keys.

    Raises:
        InvalidInput: `page.after` was not made by a list of this order.
        Overloaded: there was no connection in time.
    """
    if page.after is None:
        return _page((await reads.fetch_by_key(statement, (key,))).get(key, ()), order, page)
    return await rows_page(reads, statement, order=order, page=page, values={statement.keys: (key,)})


def _page(rows: Sequence[R], order: Order, page: PageRequest) -> Page[R]:
    has_next = len(rows) > page.first
    shown = tuple(rows[: page.first])
    return Page(shown, _marking(order)(shown), has_next)


def paged(statement: Select[Any], *, order: Order, size: int, is_first: bool) -> Select[Any]:
    """The statement of `rows_page`: its first page, or the one behind the parameters of `seen_values`."""
    if not is_first:
        statement = statement.where(behind(order))
    return statement.order_by(*order).limit(rows_max(size + 1))


def over(rows: FromClause, order: Order) -> Order:
    """The same order of a subquery whose columns are called like those of the order."""
    directed = zip(order, sorted_by(order), strict=True)
    return tuple(
        rows.c[str(column.key)].asc() if expression.modifier is asc_op else rows.c[str(column.key)].desc()
        for expression, column in directed
        if isinstance(expression, UnaryExpression)
    )


@lru_cache(maxsize=ORDERS_MAX)
def _marking(order: Order) -> Callable[[Sequence[Row]], tuple[Mark, ...]]:
    """Reads the sort keys of each row from the attributes that are called like the columns of the order. Instants are
    counted, as they are in the rows. The usual orders need no call of a function for each row.
    """
    columns = sorted_by(order)
    *others, unique = (attrgetter(str(column.key)) for column in columns)
    if not others and isinstance(columns[0].type, Integer):
        return lambda rows: tuple(zip(map(unique, rows)))
    if len(others) == 1 and isinstance(columns[0].type, Instant) and isinstance(columns[1].type, Uuid):
        (first,) = others
        return lambda rows: tuple(zip(map(first, rows), map(str, map(unique, rows)), strict=True))
    reads = (*others, unique)
    return lambda rows: tuple(tuple(plain_key(read(row)) for read in reads) for row in rows)


def _dated(order: Order, after: Mark) -> Iterator[Key]:
    """The same keys with instants as `seen_values` reads them."""
    columns = sorted_by(order)
    for place, key in enumerate(after):
        is_counted = place < len(columns) and isinstance(columns[place].type, Instant) and isinstance(key, int)
        yield instant_of(StoredInstant(int(key))).isoformat() if is_counted and key is not None else key
