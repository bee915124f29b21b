"""When a change may break what was promised: it was announced long enough ago, or the change log says so aloud."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from app.contract.changes import Change, Severity

REMOVAL: Final = re.compile(r"removal on or after (\d{4}-\d{2}-\d{2})")
UNRELEASED: Final = re.compile(r"^## Unreleased\n(.*?)(?=^## |\Z)", re.MULTILINE | re.DOTALL)
BREAKING: Final = re.compile(r"^### Breaking\n(.*?)(?=^### |\Z)", re.MULTILINE | re.DOTALL)


def unexcused(changes: Sequence[Change], *, released: GraphQLSchema, changelog: str, today: date) -> list[Change]:
    """The breaking changes that clients were not told of.

    What is removed must have been released with a deprecation whose date has come; anything else, and what cannot wait,
    must stand under "Breaking" among the unreleased changes, by its coordinate in backticks.
    """
    breaking = [change for change in changes if change.severity is Severity.BREAKING]
    announced = announced_in(changelog)
    over = {coordinate for coordinate, reason in deprecations(released) if is_over(reason, today)}
    removed = {change.coordinate for change in breaking if change.is_removal}
    excused = {coordinate for coordinate in removed if coordinate in over} | announced
    excused |= unused_types(released, removed, excused)
    return [change for change in breaking if change.coordinate not in excused and not _goes_with(change, excused)]


def announced_in(changelog: str) -> set[str]:
    """What the unreleased part of the change log names under "Breaking"."""
    unreleased = UNRELEASED.search(changelog)
    breaking = BREAKING.search(unreleased[1]) if unreleased else None
    return set(re.findall(r"`([^`]+)`", breaking[1])) if breaking else set()


def is_over(reason: str, today: date) -> bool:
    """Whether the date that a deprecation names has come; one without a date never comes."""
    dated = REMOVAL.search(reason)
    return dated is not None and date.fromisoformat(dated[1]) <= today


def deprecations(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Coordinates of everything deprecated, with the reasons."""
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLEnumType):
            for value, definition in kind.values.items():
                if definition.deprecation_reason:
                    yield f"{name}.{value}", definition.deprecation_reason
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            for field, declared in kind.fields.items():
                if declared.deprecation_reason:
                    yield f"{name}.{field}", declared.deprecation_reason
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, answered in kind.fields.items():
                for argument, given in answered.args.items():
                    if given.deprecation_reason:
                        yield f"{name}.{field}({argument}:)", given.deprecation_reason


def unused_types(released: GraphQLSchema, removed: set[str], excused: set[str]) -> set[str]:
    """Removed types that nothing led to any more but what may go: they go with it."""
    uses = dict(_uses(released))
    going: set[str] = set()
    while True:
        more = {
            name
            for name in removed - going
            if name in uses
            and all(place in excused or place.partition(".")[0] in going | excused for place in uses[name])
        }
        if not more:
            return going
        going |= more


def _uses(schema: GraphQLSchema) -> Iterator[tuple[str, set[str]]]:
    places: dict[str, set[str]] = {}
    for name, kind in schema.type_map.items():
        if isinstance(kind, GraphQLUnionType):
            for member in kind.types:
                places.setdefault(member.name, set()).add(f"{name}.{member.name}")
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
            for field, answered in kind.fields.items():
                places.setdefault(get_named_type(answered.type).name, set()).add(f"{name}.{field}")
                for given in answered.args.values():
                    places.setdefault(get_named_type(given.type).name, set()).add(f"{name}.{field}")
        if isinstance(kind, GraphQLInputObjectType):
            for field, taken in kind.fields.items():
                places.setdefault(get_named_type(taken.type).name, set()).add(f"{name}.{field}")
    yield from places.items()


def _goes_with(change: Change, excused: set[str]) -> bool:
    """A member that leaves a union because its type goes altogether."""
    member = change.coordinate.partition(".")[2]
    return member[:1].isupper() and not change.is_removal and member in excused
