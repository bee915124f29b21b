"""Dataclasses to JSON values and back, by their annotations: how events and remembered answers are stored."""

from __future__ import annotations

import dataclasses
import types
import typing
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from uuid import UUID

from domain.money import Asset, Money

type_hints = cache(typing.get_type_hints)
Plain = str | int | bool | None | list["Plain"] | dict[str, "Plain"]


def to_plain(value: object) -> Plain:  # noqa: PLR0911  # one line a kind is the clearest table
    """The JSON value of `value`; Money becomes {amountMinor, asset}, an enum its name or text, times ISO 8601."""
    match value:
        case None | bool() | int():
            return value
        case Money(minor=minor, asset=asset):
            return {"amountMinor": minor, "asset": asset.code}
        case Asset():
            return value.code
        case Enum():
            return str(value.value)
        case str():
            return str(value)
        case UUID() | Decimal():
            return str(value)
        case datetime() | date():
            return value.isoformat()
        case list() | tuple():
            return [to_plain(item) for item in value]
        case dict():
            return {str(key): to_plain(item) for key, item in value.items()}
    assert dataclasses.is_dataclass(value), f"{type(value)} has no plain form"
    return {field.name: to_plain(getattr(value, field.name)) for field in dataclasses.fields(value) if field.init}


def from_plain(kind: typing.Any, plain: typing.Any) -> typing.Any:
    """Rebuild a value of `kind`; unknown keys are passed over, so that newer writers and older readers agree."""
    if isinstance(kind, typing.NewType):
        return from_plain(kind.__supertype__, plain)
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return None if plain is None else from_plain(_only_some(kind), plain)
    if origin is typing.Annotated:
        return from_plain(typing.get_args(kind)[0], plain)
    if origin in (list, tuple):
        item = typing.get_args(kind)[0]
        return origin(from_plain(item, part) for part in plain)
    if origin is dict or kind is dict:
        return dict(plain)
    return _scalar_or_record(kind, plain)


def _only_some(union: typing.Any) -> typing.Any:
    kinds = [kind for kind in typing.get_args(union) if kind is not type(None)]
    assert len(kinds) == 1, f"{union} cannot be told apart"
    return kinds[0]


def _scalar_or_record(kind: typing.Any, plain: typing.Any) -> typing.Any:
    if kind is Money:
        return Money(plain["amountMinor"], Asset[plain["asset"]])
    if kind is Asset:
        return Asset[plain]
    if kind in (datetime, date):
        return kind.fromisoformat(plain)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        hints = type_hints(kind)
        known = {field.name for field in dataclasses.fields(kind) if field.init}
        return kind(**{name: from_plain(hints[name], part) for name, part in plain.items() if name in known})
    return kind(plain)
