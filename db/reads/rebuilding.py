"""Entities for show, made of whole rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Row, Table

from domain.money import Money

E = TypeVar("E")


def rebuilt(entity: Callable[..., E], row: Row[Any], table: Table, *, money: str) -> E:
    """The entity that a row of `table` holds, whose attribute `money` is kept as minor units and asset. Columns of
    other tables in the row are left alone.
    """
    values = {column.name: row._mapping[column] for column in table.c}
    minor, asset = values.pop(f"{money}_minor"), values.pop(f"{money}_asset")
    return entity(**values, **{money: Money(minor, asset)})
