"""New rows of entities, written on the driver: a hot command has no use for the mapper, whose flush costs as much."""

from __future__ import annotations

from enum import Enum
from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from db.changes import Change
from domain.plain import to_plain


def new_row(entity: object, table: Table, *, money: str) -> dict[str, Any]:
    """What a row of `table` holds of an entity, whose attribute `money` is kept as minor units and asset; the other way
    round than `rebuilt`.
    """
    amount = getattr(entity, money)
    parts = {f"{money}_minor": amount.minor, f"{money}_asset": amount.asset}
    return {name: parts[name] if name in parts else getattr(entity, name) for name in _names(table)}


def inserting(table: Table, *, rows: str = "") -> str:
    """A statement that takes the values of a row in the order of the columns; with `rows`, which names what they are
    selected from, once for each of them.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy's own
    places = (f"${number}::{column.type.compile(dialect)}" for number, column in enumerate(table.c, 1))
    return f"insert into {table.name} ({', '.join(_names(table))}) select {', '.join(places)} {rows}"


def as_driver_takes(row: dict[str, Any]) -> list[Any]:
    """The values; enums by their names, as columns keep them."""
    return [value.name if isinstance(value, Enum) else value for value in row.values()]


def added(subject: str, table: Table, row: dict[str, Any]) -> Change:
    """For the audit row, as the mapper would have told it. Not for tables with secrets."""
    assert not any(column.info.get("audit") for column in table.c), "secrets are not told"
    return Change(subject, str(table.name), before={}, after={name: to_plain(value) for name, value in row.items()})


def _names(table: Table) -> list[str]:
    return [str(column.name) for column in table.c]
