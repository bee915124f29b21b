"""The page about events, written from the publishing table and the event types themselves."""

from __future__ import annotations

import dataclasses
import inspect
import types
import typing
from collections.abc import Iterator
from datetime import datetime
from enum import Enum
from typing import Any, Final
from uuid import UUID

from domain.money import Asset, Money
from realtime.publication import Publication, PublishingTable
from realtime.publishing import publishing_table

_HEAD: Final = """\
# Events: what happened, what it says, and who hears it live

Written by `make schema` from `realtime/publishing.py` and the `events.py` of each context; do not edit.

An event is written in the commit that caused it and never changed. Fields may be added within a version; anything else
is a new version beside the old one for at least three months. *Type* is the name that clients see; each channel is a
stream of its own with gapless positions. Money is `{amountMinor, asset}` in whole minor units.
"""


def events_page() -> str:
    """The whole page as Markdown."""
    table = publishing_table()
    return "\n".join([_HEAD, *_overview(table), *(line for row in table.publications for line in _event(row))])


def _overview(table: PublishingTable) -> Iterator[str]:
    yield "| event | version | type on the wire | channels |"
    yield "|---|--:|---|---|"
    for row in table.publications:
        channels = ", ".join(f"`{address.pattern}`" for address in row.addresses) or "none"
        wire = f"`{row.type}`" if row.addresses else "–"
        yield f"| [{row.event.name}](#{_anchor(row)}) | {row.event.version} | {wire} | {channels} |"
    yield ""


def _event(row: Publication[Any]) -> Iterator[str]:
    yield f"## {row.event.name} {row.event.version}\n"
    yield f"{inspect.getdoc(row.event)}\n"
    if row.addresses:
        yield from (f"- `{address.pattern}`: {address.audience}" for address in row.addresses)
    else:
        yield "Recorded only: no channel carries it."
    yield ""
    yield from _fields(row.event)
    yield ""


def _fields(kind: type[Any]) -> Iterator[str]:
    hints = typing.get_type_hints(kind)
    yield "| field | holds |"
    yield "|---|---|"
    for field in dataclasses.fields(kind):
        yield f"| {field.name} | {_kind(hints[field.name])} |"


def _kind(hint: Any) -> str:  # noqa: PLR0911  # one line a kind is the clearest table
    """What a field holds, in words of JSON."""
    origin = typing.get_origin(hint)
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_kind(part) for part in typing.get_args(hint))
    if origin in (tuple, list):
        return f"list of {_kind(typing.get_args(hint)[0])}"
    if isinstance(hint, typing.NewType):
        return f"id ({hint.__name__.removesuffix('Id').lower()})"
    if hint is type(None):
        return "null"
    if isinstance(hint, type) and issubclass(hint, Enum) and hint is not Asset:
        return " · ".join(f"`{str(member.value) if isinstance(member.value, str) else member.name}`" for member in hint)
    if dataclasses.is_dataclass(hint) and hint is not Money:
        hints = typing.get_type_hints(hint)
        return "{" + ", ".join(f"{part.name}: {_kind(hints[part.name])}" for part in dataclasses.fields(hint)) + "}"
    names = {str: "text", int: "number", bool: "true or false", datetime: "instant", Money: "money", UUID: "id"}
    return names[hint]


def _anchor(row: Publication[Any]) -> str:
    return f"{row.event.name} {row.event.version}".replace(".", "").replace(" ", "-")
