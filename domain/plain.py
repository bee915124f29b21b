"""Dataclasses to JSON values and back, by their annotations: how events and remembered answers are stored.

How a class is written and how a type is read is found out once; there are as many ways as the program has classes.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, EnumType
from functools import cache
from operator import attrgetter
from uuid import UUID

from domain.ids import uuid_of
from domain.money import Asset, Money

type_hints = cache(typing.get_type_hints)
Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


def to_plain(value: object) -> Plain:
    """The JSON value of `value`; Money becomes {amountMinor, asset}, an enum its name or text, times ISO 8601."""
    kind: type = type(value)
    return value if kind in _AS_IS else _writer(kind)(value)  # type: ignore[return-value]


def from_plain(kind: typing.Any, plain: typing.Any) -> typing.Any:
    """Rebuild a value of `kind`; unknown keys are passed over, so that newer writers and older readers agree."""
    return _reader(kind)(plain)


@cache
def _writer(kind: type) -> Callable[[typing.Any], Plain]:
    for family, write in _WRITERS:
        if issubclass(kind, family):
            return write
    assert dataclasses.is_dataclass(kind), f"{kind} has no plain form"
    return _record_writer([field.name for field in dataclasses.fields(kind) if field.init])


def _record_writer(names: list[str]) -> Callable[[typing.Any], Plain]:
    # Of several names it gives a tuple, in one step.
    parts_of = attrgetter(*names) if len(names) > 1 else lambda value: [getattr(value, name) for name in names]

    def write(value: typing.Any) -> Plain:
        plain = dict(zip(names, parts_of(value), strict=True))
        for name, part in plain.items():
            kind: type = type(part)
            # As `to_plain` does, without a call of its own for each of the many that stay as they are.
            if kind not in _AS_IS:
                plain[name] = _writer(kind)(part)
        return plain

    return write


def _money(value: Money) -> Plain:
    return {"amountMinor": value.minor, "asset": value.asset.code}


def _items(value: list[object]) -> Plain:
    return [to_plain(item) for item in value]


def _entries(value: dict[object, object]) -> Plain:
    return {str(key): to_plain(item) for key, item in value.items()}


_AS_IS: typing.Final = frozenset({types.NoneType, bool, int, str})
# The first that fits: an asset is an enum, and an enum may be a string.
_WRITERS: typing.Final[tuple[tuple[type | tuple[type, ...], Callable[[typing.Any], Plain]], ...]] = (
    ((types.NoneType, int), lambda value: value),
    (Money, _money),
    (Asset, attrgetter("code")),
    (Enum, lambda value: str(value._value_)),
    ((str, UUID, Decimal), str),
    (date, lambda value: value.isoformat()),
    ((list, tuple), _items),
    (dict, _entries),
)


@cache
def _reader(kind: typing.Any) -> Callable[[typing.Any], typing.Any]:
    if isinstance(kind, typing.NewType):
        return _reader(kind.__supertype__)
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        some = _reader(_only_some(kind))
        return lambda plain: None if plain is None else some(plain)
    if origin is typing.Annotated:
        return _reader(typing.get_args(kind)[0])
    if origin in (list, tuple):
        item = _reader(typing.get_args(kind)[0])
        return lambda plain: origin(map(item, plain))
    if origin is dict or kind is dict:
        return dict
    return _scalar_or_record(kind)


def _only_some(union: typing.Any) -> typing.Any:
    kinds = [kind for kind in typing.get_args(union) if kind is not type(None)]
    assert len(kinds) == 1, f"{union} cannot be told apart"
    return kinds[0]


def _scalar_or_record(kind: typing.Any) -> Callable[[typing.Any], typing.Any]:
    if kind in _READERS:
        return _READERS[kind]
    if isinstance(kind, EnumType):
        # Its members by their values, where to call the enum goes by three calls.
        return kind._value2member_map_.__getitem__
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return _record(kind)
    return kind  # type: ignore[no-any-return]


def _money_of(plain: dict[str, typing.Any]) -> Money:
    return Money(plain["amountMinor"], _ASSETS[plain["asset"]])


_ASSETS: typing.Final = Asset.__members__
_READERS: typing.Final[dict[typing.Any, Callable[[typing.Any], typing.Any]]] = {
    Money: _money_of,
    Asset: _ASSETS.__getitem__,
    UUID: uuid_of,
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
}


def _record(kind: type) -> Callable[[dict[str, typing.Any]], typing.Any]:
    hints = type_hints(kind)
    known = {field.name: hints[field.name] for field in dataclasses.fields(kind) if field.init}
    readers: dict[str, Callable[[typing.Any], typing.Any]] = {}

    def read(plain: dict[str, typing.Any]) -> typing.Any:
        if not readers:
            # They are looked up now and not above, because a record may contain its like.
            readers.update({name: _reader(hint) for name, hint in known.items()})
        return kind(**{name: readers[name](part) for name, part in plain.items() if name in readers})

    return read
