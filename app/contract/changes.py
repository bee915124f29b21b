"""What changed between two schemas, and where: each change with the schema coordinate that it is about."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from graphql import GraphQLInterfaceType, GraphQLObjectType, GraphQLSchema, StringValueNode
from graphql.language import ListValueNode
from graphql.utilities.find_schema_changes import (
    BreakingChangeType,
    DangerousChangeType,
    SchemaChange,
    find_schema_changes,
)

NAMED: Final = re.compile(r"(@?\w+(?:\.\w+(?:\(\w+:\))?)?|@\w+\(\w+:\))")
LEADING_WORDS: Final = re.compile(
    r"^(?:An? (?:required|optional) |Standard )?(?:[Ff]ield|[Aa]rgument|Enum value|Input field)? ?"
)
OF_UNION: Final = re.compile(r"^(\w+) was removed from union type (\w+)\.$")
REMOVALS: Final = frozenset(
    {
        BreakingChangeType.TYPE_REMOVED,
        BreakingChangeType.FIELD_REMOVED,
        BreakingChangeType.ARG_REMOVED,
        BreakingChangeType.VALUE_REMOVED_FROM_ENUM,
    }
)
ANYONE: Final = "ANYONE"
SIGNED_IN: Final = "SIGNED_IN"


class Severity(StrEnum):
    """What a change does to clients that are out there."""

    BREAKING = "breaking"
    DANGEROUS = "dangerous"


@dataclass(frozen=True, slots=True)
class Change:
    """One change that clients may feel. `coordinate` is written as in GraphQL: `Type.field(argument:)`."""

    severity: Severity
    coordinate: str
    description: str
    is_removal: bool = False

    def __str__(self) -> str:
        return f"{self.severity}: {self.description}"


def changes_between(released: GraphQLSchema, now: GraphQLSchema) -> list[Change]:
    """Everything that clients may feel, the breaking first; what is merely new is not among it."""
    found = [_change(change) for change in find_schema_changes(released, now)]
    felt = [*filter(None, found), *narrowed_access(released, now), *newly_masked(released, now)]
    return sorted(felt, key=lambda change: (change.severity, change.coordinate))


def narrowed_access(released: GraphQLSchema, now: GraphQLSchema) -> list[Change]:
    """Fields that somebody who might call them may no longer call: the schema says so in `@access`."""
    return [
        Change(Severity.BREAKING, coordinate, f"{coordinate} is open to fewer: {_words(before)}, now {_words(after)}.")
        for coordinate, before, after in _fields_of_both(released, now)
        if not covers(access_of(after), access_of(before))
    ]


def newly_masked(released: GraphQLSchema, now: GraphQLSchema) -> list[Change]:
    """Fields that are personal data from now on."""
    return [
        Change(Severity.DANGEROUS, coordinate, f"{coordinate} is masked from now on.")
        for coordinate, before, after in _fields_of_both(released, now)
        if _directive(after, "pii") and not _directive(before, "pii")
    ]


def covers(now: frozenset[str], before: frozenset[str]) -> bool:
    """Whether everybody who was let in is let in still."""
    if ANYONE in now:
        return True
    if ANYONE in before:
        return False
    return SIGNED_IN in now or before <= now


def access_of(field: Any) -> frozenset[str]:
    """Whom a field is open to; one that says nothing is open to whoever reaches it."""
    directive = _directive(field, "access")
    if directive is None:
        return frozenset({ANYONE})
    (given,) = directive.arguments
    values = given.value.values if isinstance(given.value, ListValueNode) else [given.value]
    return frozenset(value.value for value in values if isinstance(value, StringValueNode))


def _change(change: SchemaChange) -> Change | None:
    description = change.description
    if isinstance(change.type, BreakingChangeType):
        if description.startswith("Standard scalar"):
            return None  # nobody can name what nothing refers to
        return Change(Severity.BREAKING, _coordinate(description), description, change.type in REMOVALS)
    if isinstance(change.type, DangerousChangeType):
        return Change(Severity.DANGEROUS, _coordinate(description), description)
    return None


def _coordinate(description: str) -> str:
    if of_union := OF_UNION.match(description):
        return f"{of_union[2]}.{of_union[1]}"
    found = NAMED.search(LEADING_WORDS.sub("", description))
    assert found is not None, description
    return found[0]


def _fields_of_both(released: GraphQLSchema, now: GraphQLSchema) -> list[tuple[str, Any, Any]]:
    return [
        (f"{name}.{field}", before, after.fields[field])
        for name, kind in released.type_map.items()
        if isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
        and isinstance(after := now.type_map.get(name), GraphQLObjectType | GraphQLInterfaceType)
        for field, before in kind.fields.items()
        if field in after.fields
    ]


def _directive(field: Any, name: str) -> Any:
    node = field.ast_node
    return next((given for given in node.directives or () if given.name.value == name), None) if node else None


def _words(field: Any) -> str:
    return ", ".join(sorted(access_of(field)))
