"""Rows of hot reads: columns by name, each value made ours when somebody asks for it and not before."""

from __future__ import annotations

import json
from collections.abc import Callable
from operator import itemgetter
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Label, Text, type_coerce

from db.columns import EnumText
from db.tables.catalog import Localized
from db.tables.identity import Roles
from domain.identity.roles import Role
from domain.localized import LocalizedText


class Row:
    """What a hot read answers, as a subclass declares it with `column`.

    The driver's record is of this class too, so that nothing is made for a row but what the driver makes. Ids are
    UUIDs and instants `StoredInstant`s as they arrive; enums and texts in several languages are made of their text.
    """

    __slots__ = ()
    columns: ClassVar[tuple[ColumnElement[Any], ...]] = ()

    def __init_subclass__(cls) -> None:
        columns = list(cls.columns)  # of the class above
        for name, declared in list(vars(cls).items()):
            if isinstance(declared, _Column | _Part):
                setattr(cls, name, property(declared.reading(len(columns))))
                columns += declared.columns(name)
        cls.columns = tuple(columns)


def column(selected: ColumnElement[Any]) -> Any:
    """An attribute of a row that shows this column or expression."""
    return _Column(selected)


def part(kind: type[Row]) -> Any:
    """An attribute of a row that is itself one: its columns follow here, and it is made when it is asked for."""
    return _Part(kind)


class _Column:
    """One column of a row until its class is complete."""

    def __init__(self, selected: ColumnElement[Any]) -> None:
        self._convert = _conversion(selected)
        # What the driver gives is what the row keeps; a comment of a type would have it converted on the way.
        self._selected = type_coerce(selected, Text) if self._convert else selected

    def columns(self, name: str) -> list[ColumnElement[Any]]:
        return [self._selected.label(name)]

    def reading(self, place: int) -> Callable[[Any], Any]:
        """How an instance is asked for it; without a frame of Python where nothing is to be made."""
        convert = self._convert
        return itemgetter(place) if convert is None else lambda row: convert(row[place])


class _Part:
    """The columns of another row, until the class is complete."""

    def __init__(self, kind: type[Row]) -> None:
        self._kind = kind

    def columns(self, name: str) -> list[ColumnElement[Any]]:
        return [label.element.label(f"{name}_{label.name}") for label in self._kind.columns if isinstance(label, Label)]

    def reading(self, place: int) -> Callable[[Any], Any]:
        made = type(self._kind.__name__, (self._kind, tuple), {"__slots__": ()})
        span = slice(place, place + len(self._kind.columns))
        return lambda row: made(row[span])


def _conversion(selected: ColumnElement[Any]) -> Callable[[Any], Any] | None:
    match selected.type:
        case EnumText(kind=kind):
            return {None: None, **kind.__members__}.__getitem__
        case Roles():
            return _roles
        case Localized():
            return _localized
    return None


def _roles(names: list[str]) -> tuple[Role, ...]:
    return tuple(Role[name] for name in names)


def _localized(text: str | None) -> LocalizedText | None:
    return LocalizedText(json.loads(text)) if text is not None else None
