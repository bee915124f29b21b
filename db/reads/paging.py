"""Keyset pages: each starts after the last item seen, so rows that arrive meanwhile neither repeat nor hide one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Integer,
    Row,
    Select,
    Text,
    UnaryExpression,
    Uuid,
    and_,
    bindparam,
    literal,
    or_,
    tuple_,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.sql.operators import asc_op, desc_op
from sqlalchemy.types import TypeEngine

from db.columns import EnumText, Instant
from db.read_pool import NO_VALUES
from domain.errors import FieldFault, InvalidInput
from domain.page import Page, PageRequest

_KEY: Final = "page_key_"
_SEEN: Final = "seen_"

Key = str | int | None


@dataclass(frozen=True, slots=True)
class _SortKey:
    """One column of the order."""

    column: ColumnElement[Any]
    is_descending: bool

    @classmethod
    def of(cls, expression: ColumnElement[Any]) -> _SortKey:
        if isinstance(expression, UnaryExpression) and expression.modifier in (asc_op, desc_op):
            return cls(expression.element, expression.modifier is desc_op)
        return cls(expression, is_descending=False)

    def follows(self, value: ColumnElement[Any]) -> ColumnElement[bool]:
        return self.column < value if self.is_descending else self.column > value


async def keyset(
    connection: AsyncConnection,
    statement: Select[Any],
    *,
    order: Sequence[ColumnElement[Any]],
    page: PageRequest,
    values: Mapping[str, object] = NO_VALUES,
) -> Page[Row[Any]]:
    """One page of `statement`; every row carries its sort keys behind its own columns.

    `values` are those of the parameters in it.

    `order` names columns that are never NULL, of whole numbers, text, instants, days or ids, with `.asc()` or
    `.desc()`; the last one is unique, else rows could be skipped.

    Raises:
        InvalidInput: `page.after` was not made by a list of this order.
    """
    keys = [_SortKey.of(expression) for expression in order]
    wanted = statement.add_columns(*(key.column.label(f"{_KEY}{place}") for place, key in enumerate(keys)))
    if page.after is not None:
        seen = zip(keys, seen_values(order, page.after).values(), strict=True)
        wanted = wanted.where(_follows(keys, [literal(value, key.column.type) for key, value in seen]))
    rows = (await connection.execute(wanted.order_by(*order).limit(page.first + 1), dict(values))).all()
    shown = rows[: page.first]
    marks = tuple(tuple(plain_key(value) for value in row[-len(keys) :]) for row in shown)
    return Page(tuple(shown), marks, has_next=len(rows) > page.first)


def sorted_by(order: Sequence[ColumnElement[Any]]) -> list[ColumnElement[Any]]:
    """The bare columns of an order."""
    return [_SortKey.of(expression).column for expression in order]


def behind(order: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    """Whether a row comes behind the item whose sort keys are the parameters that `seen_values` gives."""
    keys = [_SortKey.of(expression) for expression in order]
    return _follows(keys, [bindparam(f"{_SEEN}{n}", type_=key.column.type) for n, key in enumerate(keys)])


def seen_values(order: Sequence[ColumnElement[Any]], after: Sequence[Key]) -> dict[str, object]:
    """The sort keys of the last item seen, as values of an order's columns."""
    keys = [_SortKey.of(expression) for expression in order]
    if len(after) != len(keys):
        raise _foreign_cursor()
    try:
        return {f"{_SEEN}{n}": _value(key.column.type, after[n]) for n, key in enumerate(keys)}
    except (KeyError, ValueError):
        raise _foreign_cursor() from None


def _follows(keys: Sequence[_SortKey], values: Sequence[ColumnElement[Any]]) -> ColumnElement[bool]:
    if len({key.is_descending for key in keys}) == 1:
        # A row comparison is what lets one index answer both the order and the starting point.
        columns, seen = tuple_(*(key.column for key in keys)), tuple_(*values)
        return columns < seen if keys[0].is_descending else columns > seen
    return or_(*(_tied_until(keys, values, place) for place in range(len(keys))))


def _tied_until(keys: Sequence[_SortKey], values: Sequence[ColumnElement[Any]], place: int) -> ColumnElement[bool]:
    """Equal in everything before `place`, and further on there."""
    ties = [keys[earlier].column == values[earlier] for earlier in range(place)]
    return and_(*ties, keys[place].follows(values[place]))


def plain_key(value: object) -> Key:
    """The value of a sort column as JSON has it."""
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Enum():
            return value.name
        case bool():
            raise AssertionError("a truth value orders nothing")
        case int() | str():
            return value
    raise AssertionError(f"{type(value)} is no sort key")


def _value(kind: TypeEngine[Any], mark: Key) -> object:
    """Raises KeyError or ValueError when the mark is of another kind."""
    match kind, mark:
        case Instant(), str():
            moment = datetime.fromisoformat(mark)
            return moment if moment.tzinfo else _refuse(mark)
        case Date(), str():
            return date.fromisoformat(mark)
        case Uuid(), str():
            return UUID(mark)
        case EnumText(), str():
            return kind.kind[mark]
        case (Integer(), int()) | (Text(), str()):
            return mark
    return _refuse(mark)


def _refuse(mark: Key) -> object:
    raise ValueError(mark)


def _foreign_cursor() -> InvalidInput:
    return InvalidInput(FieldFault(("after",), "is not a cursor of this list"))
