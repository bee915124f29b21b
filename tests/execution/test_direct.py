"""Resolvers of strawberry are called with what strawberry would give them, whatever they ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from enum import Enum
from typing import Any

import graphql
import pytest
import strawberry
from graphql import ExecutionResult, GraphQLSchema, parse
from graphql.pyutils import is_awaitable
from strawberry.extensions.field_extension import FieldExtension
from strawberry.permission import BasePermission

from execution.direct import direct_of
from execution.execute import execute


@strawberry.enum
class Shade(Enum):
    RED = "r"
    GREEN = "g"


@strawberry.input
class Part:
    name: str
    shade: Shade = Shade.GREEN
    size: int | None = strawberry.UNSET
    sub_parts: list[Part] | None = None
    maybe: strawberry.Maybe[int | None] = None


@strawberry.input
class Box:
    name: str
    shades: list[Shade] = strawberry.field(default_factory=list)
    size: int | None = strawberry.UNSET
    weight_kg: float | None
    rows: list[list[Box | None]] | None = None
    inner: Box | None = None

    def __post_init__(self) -> None:
        if self.name == "broken":
            raise ValueError("This box is broken.")


class Loud(FieldExtension):
    def resolve(self, next_: Callable[..., Any], source: Any, info: strawberry.Info, **kwargs: Any) -> Any:
        return f"{next_(source, info, **kwargs)}! {sorted(kwargs)} {info.field_name} {info.python_name}"


class Later(FieldExtension):
    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: strawberry.Info, **kwargs: Any
    ) -> Any:
        if kwargs.get("text") == "no":
            raise ValueError("not later")
        return f"later {await next_(source, info, **kwargs)}"


class Refusing(BasePermission):
    message = "Not you."

    def has_permission(self, source: Any, info: strawberry.Info, **kwargs: Any) -> bool:
        return bool(kwargs.get("text") != "no" and info.context == "context")


def of_root(root: Any, info: strawberry.Info, text: str = "t") -> str:
    return f"{root.name} {info.context} {text}"


async def of_parent(me: strawberry.Parent[Any]) -> str:
    return f"{me.name}"


def texts(text: str = "x", other_text: str = "y") -> str:
    return text + other_text


def told_texts(info: strawberry.Info, text: str = "x") -> str:
    return text + str(info.context)


async def late_texts(self: Any, info: strawberry.Info, text: str = "x") -> str:
    return f"{self.name} {text} {info.field_name}"


@strawberry.type
class Thing:
    name: str
    by_root: str = strawberry.field(resolver=of_root)
    by_parent: str = strawberry.field(resolver=of_parent)
    loud: str = strawberry.field(resolver=texts, extensions=[Loud()])
    louder: str = strawberry.field(resolver=told_texts, extensions=[Loud(), Loud()])
    late: str = strawberry.field(resolver=late_texts, extensions=[Later(), Later()])
    mixed: str = strawberry.field(resolver=texts, extensions=[Loud(), Later()])
    guarded: str | None = strawberry.field(resolver=texts, permission_classes=[Refusing])

    @strawberry.field
    def alone(self) -> str:
        return self.name

    @strawberry.field
    def told(self, about: strawberry.Info) -> str:
        given = (about.context, about.root_value, about.variable_values, about.path.as_list(), about.python_name)
        return f"{given} {about.selected_fields} {about.operation.name} {about.return_type} {about.schema is not None}"

    @strawberry.field
    def parts(self, part: Part, more: list[Part], shade: Shade = Shade.RED, *, a_number: int | None = None) -> str:
        return f"{part} {more} {shade} {a_number}"

    @strawberry.field
    def boxes(self, box: Box, more: list[Box | None] | None = None, names: list[str] | None = strawberry.UNSET) -> str:
        return f"{box} {more} {names}"

    @strawberry.field
    def unset(self, text: str | None = strawberry.UNSET, maybe: strawberry.Maybe[str] = None) -> str:
        return f"{text!r} {maybe!r}"

    @strawberry.field
    def named(self, gid: strawberry.relay.GlobalID, info: strawberry.Info) -> str:
        return f"{gid.type_name} {info.field_name}"

    @strawberry.field
    async def arriving(self) -> AsyncIterator[int]:
        for number in range(2):
            yield number

    @strawberry.field
    def failing(self, part: Part | None = None) -> str:
        raise ValueError(f"failed with {part}")

    @strawberry.field
    @staticmethod
    def still(text: str = "x") -> str:
        return text

    @strawberry.field
    @classmethod
    def of_class(cls, text: str = "x") -> str:
        return cls.__name__ + text


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing:
        return Thing(name="thing")

    @strawberry.field
    def things(self) -> list[Thing | None]:
        return [Thing(name="one"), None, Thing(name="two")]


SCHEMA: GraphQLSchema = strawberry.Schema(Query)._schema
PARTS = '{name: "p", subParts: [{name: "q", size: null, maybe: null}, {name: "r", maybe: 3}]}'
BOX = '{name: "b", shades: [RED], rows: [[{name: "c", weightKg: 2}, null], []], inner: {name: "d", size: null}}'
FIELDS = (
    "byRoot",
    'byRoot(text: "no")',
    "byParent",
    "alone",
    "told",
    f"parts(part: {PARTS}, more: [])",
    f"parts(part: {PARTS}, more: {PARTS}, shade: GREEN, aNumber: 4)",
    "parts(part: $part, more: $more, shade: $shade, aNumber: $n)",
    f"boxes(box: {BOX})",
    f"boxes(box: {BOX}, more: [null, {BOX}], names: [])",
    f"boxes(box: {BOX}, more: null, names: null)",
    "boxes(box: $box, more: [$box], names: $missing)",
    'boxes(box: {name: "broken"})',
    "unset",
    "unset(text: null)",
    'unset(text: "a", maybe: "b")',
    "unset(text: $text)",
    "unset(maybe: null)",
    'named(gid: "VGhpbmc6MQ==")',
    'named(gid: "nonsense")',
    "loud",
    'loud(otherText: "z")',
    "louder",
    "late",
    'late(text: "no")',
    "mixed",
    "guarded",
    'guarded(text: "no")',
    "arriving",
    "failing",
    f"failing(part: {PARTS})",
    "still",
    'still(text: "s")',
    "ofClass",
)
DECLARED = (
    "($part: Part!, $more: [Part!]!, $shade: Shade = GREEN, $n: Int, $text: String, $missing: [String!], $box: Box!)"
)
VARIABLES = {
    "part": {"name": "v", "size": 2},
    "more": [{"name": "w", "subParts": []}],
    "n": None,
    "box": {"name": "v", "shades": ["GREEN"], "inner": {"name": "w"}},
}


async def answered(engine: Callable[..., Any], source: str) -> ExecutionResult:
    result = engine(SCHEMA, parse(source), "root", "context", VARIABLES)
    found: ExecutionResult = await result if is_awaitable(result) else result
    return found


@pytest.mark.parametrize("field", FIELDS)
async def test_a_resolver_is_given_what_strawberry_gives_it(field: str) -> None:
    for parent in ("thing", "things"):
        source = f"query Asked{DECLARED} {{ {parent} {{ name {field} }} }}"

        assert await answered(execute, source) == await answered(graphql.execute, source)


async def test_all_of_them_together() -> None:
    asked = " ".join(f"f{number}: {field}" for number, field in enumerate(FIELDS) if "arriving" not in field)
    source = f"query Asked{DECLARED} {{ things {{ {asked} }} }}"

    reference, found = await answered(graphql.execute, source), await answered(execute, source)

    assert found.data == reference.data
    assert sorted(map(str, found.errors or [])) == sorted(map(str, reference.errors or []))


def test_all_of_them_are_called_directly() -> None:
    thing = SCHEMA.get_type("Thing")
    assert isinstance(thing, graphql.GraphQLObjectType)

    assert [name for name, field in thing.fields.items() if direct_of(field, SCHEMA) is None] == ["name"]
