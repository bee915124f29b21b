"""A schema with everything in it, and a world behind it in which values fail, are null, are late or of the wrong type.

What a field finds depends on the seed and on its path alone, so two engines see the same world.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Generator, Iterator, Mapping
from enum import Enum
from random import Random
from typing import Any
from zlib import crc32

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    GraphQLScalarType,
    GraphQLSchema,
    GraphQLUnionType,
    build_schema,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)

SHARED = """
    id: ID!  name: String  size: Int!  weight: Float  open: Boolean  colour: Colour  odd: Odd  class: String
    book: Book  person: Person  strictPerson: Person!  node: Node  named: Named!  thing: Thing  things: [Thing!]
    books: [Book!]!  people: [Person]  grid: [[Int!]]  strictGrid: [[Int!]!]!  rows: [[Person]!]  words: [String]
    colours: [Colour!]!  odds: [Odd]  tree: [[[Node!]]!]  crate: Crate  crates: [Crate!]
    echo(text: String = "none", number: Int!, ratio: Float, flag: Boolean = true, key: ID, colour: Colour = GREEN,
         odd: Odd, filter: Filter, filters: [Filter!], grid: [[Int]]): String
    strictEcho(filter: Filter!, colours: [Colour!]! = [RED]): String!
"""

SDL = f"""
enum Colour {{ RED GREEN BLUE }}
scalar Odd
input Filter {{ name: String!  colour: Colour = BLUE  sizes: [Int!] = [1, 2]  odd: Odd  inner: Filter  ratio: Float }}
interface Node {{ id: ID!  name: String  node: Node }}
interface Named implements Node {{ id: ID!  name: String  node: Node  size: Int! }}
type Book implements Node & Named {{ {SHARED} }}
type Person implements Node & Named {{ {SHARED} }}
type Crate implements Node {{ id: ID!  name: String  node: Node  books: [Book]  crate: Crate!  open: Boolean! }}
union Thing = Book | Person | Crate
type Query {{ {SHARED} }}
type Mutation {{ {SHARED} }}
type Subscription {{ {SHARED} }}
"""

WRONG: tuple[Any, ...] = (
    object,
    "wrong",
    7,
    -1,
    2**40,
    0.5,
    float("inf"),
    True,
    b"bytes",
    (),
    {"a": 1},
    ["x"],
    Ellipsis,
)
RESOLVED = {
    "person",
    "thing",
    "books",
    "rows",
    "size",
    "name",
    "colours",
    "echo",
    "strictEcho",
    "crate",
    "words",
    "named",
}
HOPS_MAX = 3


class Shade(Enum):
    """What the schema's colours are inside."""

    RED = "r"
    GREEN = "g"
    BLUE = "b"


class Promise:
    """An awaitable that is no coroutine, and may be left alone without a warning."""

    def __init__(self, hops: int, outcome: Any) -> None:
        self._hops = hops
        self._outcome = outcome

    def __repr__(self) -> str:
        return "a promise"

    def __await__(self) -> Generator[Any, Any, Any]:
        for _ in range(self._hops):
            yield
        if isinstance(self._outcome, Exception):
            raise self._outcome
        return self._outcome


class World:
    """What one run of a document meets. `late` is how many of a hundred values have to be waited for."""

    def __init__(self, seed: int, *, late: int, faulty: int) -> None:
        self.seed = seed
        self.late = late
        self.faulty = faulty
        self.log: list[str] = []

    def dice(self, place: str) -> Random:
        return Random(crc32(f"{self.seed}/{place}".encode()))

    def find(self, type_: GraphQLOutputType, place: str) -> Any:
        """Something for a field or an item of this type: usually what it should be."""
        dice = self.dice(place)
        late = dice.randrange(100) < self.late
        found = self._honest(type_, place, dice) if dice.randrange(100) >= self.faulty else self.fault(place, dice)
        return Promise(dice.randrange(HOPS_MAX), found) if late else found

    def fault(self, place: str, dice: Random) -> Any:
        """An error, null, or a value of a wrong type."""
        if dice.random() < 0.4:
            return None
        if dice.random() < 0.5:
            return dice.choice((ValueError, GraphQLError, KeyError))(f"failed at {place}")
        return dice.choice(WRONG)

    def _honest(self, type_: GraphQLOutputType, place: str, dice: Random) -> Any:
        if is_non_null_type(type_):
            return self._honest(type_.of_type, place, dice)
        if is_list_type(type_):
            return self._listed([self.find(type_.of_type, f"{place}.{n}") for n in range(dice.randrange(4))], dice)
        if is_leaf_type(type_):
            return LEAVES[type_.name](dice)
        named = get_named_type(type_)
        name = dice.choice(POSSIBLE[named.name])
        return Keyed(self, name, place) if dice.random() < 0.5 else CLASSES[name](self, name, place)

    def _listed(self, items: list[Any], dice: Random) -> Any:
        kind = dice.randrange(10)
        if kind == 0:
            return tuple(items)
        if kind == 1:
            return _generated(items, dice.random() < 0.3)
        return _arriving(items, dice.random() < 0.3) if kind == 2 and self.late else items


def _generated(items: list[Any], breaks: bool) -> Iterator[Any]:
    yield from items
    if breaks:
        raise ValueError("the list broke off")


async def _arriving(items: list[Any], breaks: bool) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item
    if breaks:
        raise ValueError("the stream broke off")


def _found(world: World, type_name: str, field: str, place: str) -> Any:
    """What a parent holds: a value, or sometimes a method."""
    type_ = get_named_type(SCHEMA.type_map[type_name])
    assert isinstance(type_, GraphQLObjectType)
    if field not in type_.fields:
        return None
    value = world.find(type_.fields[field].type, f"{place}.{field}")
    kind = world.dice(f"{place}:{field}").randrange(12)
    if kind == 0:
        return _method(value)
    if kind == 1 and world.late:
        return lambda _info, **_given: Promise(1, value)
    if kind in {2, 3} and isinstance(value, Exception):
        raise value
    return value


def _method(value: Any) -> Callable[..., Any]:
    def method(info: GraphQLResolveInfo[World], **given: Any) -> Any:
        _told(info, given)
        return value

    return method


def _told(info: GraphQLResolveInfo[World], given: dict[str, Any]) -> None:
    where = [info.field_name, str(info.parent_type), str(info.return_type), info.path.as_list(), len(info.field_nodes)]
    known = [sorted(info.fragments), info.variable_values.coerced, info.operation.operation, info.schema is SCHEMA]
    info.context.log.append(f"{where} {known} {given}")


class Keyed(Mapping[str, Any]):
    """A parent that is read by key."""

    def __init__(self, world: World, type_name: str, place: str) -> None:
        self.world, self.type_name, self.place = world, type_name, place

    def __repr__(self) -> str:
        return f"{self.type_name} at {self.place}"

    def __getitem__(self, key: str) -> Any:
        if key == "__typename":
            return self.type_name
        return _found(self.world, self.type_name, key, self.place)

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 1


class Thing:
    """A parent that is read by attribute."""

    def __init__(self, world: World, type_name: str, place: str) -> None:
        self.world, self.type_name, self.place = world, type_name, place

    def __repr__(self) -> str:
        return f"{self.type_name} at {self.place}"


def _class_of(type_: GraphQLObjectType) -> type[Thing]:
    def reading(name: str) -> property:
        return property(lambda self: _found(self.world, self.type_name, name, self.place))

    # Every third field is no attribute at all: the default resolver finds null there.
    return type(type_.name, (Thing,), {name: reading(name) for n, name in enumerate(type_.fields) if n % 7 != 6})


def resolve(source: Any, info: GraphQLResolveInfo[World], **given: Any) -> Any:
    """A resolver of a field's own; what it is given goes to the log, and into the answer of an echo."""
    _told(info, given)
    if info.field_name.lower().endswith("echo"):
        return f"{sorted(given.items(), key=str)}"
    found = info.context.find(info.return_type, f"{getattr(source, 'place', '')}!{info.path.as_list()}")
    if isinstance(found, ValueError):
        raise found
    return _waited(found, info.context.log) if isinstance(found, Promise) else found


def listen(source: Any, info: GraphQLResolveInfo[World], **given: Any) -> Any:
    """Opens a stream of events for any field: usually at once and without fault."""
    _told(info, given)
    place = f"{getattr(source, 'place', '')}~{info.path.as_list()}"
    dice = info.context.dice(place)
    opened = (
        info.context.fault(place, dice) if dice.randrange(100) < info.context.faulty else _events(info, place, dice)
    )
    if isinstance(opened, Exception) and dice.random() < 0.5:
        raise opened
    return Promise(1, opened) if dice.randrange(100) < info.context.late else opened


async def _events(info: GraphQLResolveInfo[World], place: str, dice: Random) -> AsyncIterator[Any]:
    world = info.context
    try:
        for n in range(dice.randrange(1, 4)):
            await asyncio.sleep(0)
            class_ = dice.choice((Keyed, CLASSES["Subscription"]))
            yield class_(world, "Subscription", f"{place}.{n}") if dice.randrange(100) >= world.faulty else None
        if dice.randrange(100) < world.faulty:
            raise ValueError("the events broke off")
    finally:
        world.log.append("the events are over")


async def _waited(found: Awaitable[Any], log: list[str]) -> Any:
    await asyncio.sleep(0)
    value = await found
    log.append("ended")
    return value


def _type_of(value: Any, info: GraphQLResolveInfo[World], _type: Any) -> Any:
    """Names the type of a value: rightly, wrongly or late."""
    dice = info.context.dice(f"type {getattr(value, 'place', '')}")
    name: Any = getattr(value, "type_name", None)
    if dice.randrange(100) < info.context.faulty:
        name = dice.choice(("Crate", "Nobody", "Colour", 5, None, ValueError("no type")))
        if isinstance(name, ValueError):
            raise name
    return Promise(1, name) if dice.randrange(100) < info.context.late else name


def _is(type_name: str) -> Callable[[Any, GraphQLResolveInfo[World]], Any]:
    def told(value: Any, info: GraphQLResolveInfo[World]) -> Any:
        dice = info.context.dice(f"is {getattr(value, 'place', '')}")
        said = getattr(value, "type_name", None) == type_name and dice.randrange(100) >= info.context.faulty
        return Promise(1, said) if dice.randrange(100) < info.context.late else said

    return told


def _odd(value: Any) -> Any:
    """Odd numbers only; what is divisible by ten becomes null, which no scalar may."""
    if not isinstance(value, int) or value % 2 == 0:
        if isinstance(value, int) and value % 10 == 0:
            return None
        raise ValueError(f"{value!r} is not odd")
    return value


def _schema() -> GraphQLSchema:
    schema = build_schema(SDL)
    colour, odd = schema.type_map["Colour"], schema.type_map["Odd"]
    assert isinstance(colour, GraphQLEnumType)
    assert isinstance(odd, GraphQLScalarType)
    schema.type_map["Colour"] = colour
    for name, member in colour.values.items():
        member.value = Shade[name]
    colour.__dict__.pop("_value_lookup", None)
    odd.coerce_output_value = odd.serialize = _odd  # type: ignore[method-assign]
    odd.coerce_input_value = odd.parse_value = _odd  # type: ignore[method-assign]
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name in RESOLVED & type_.fields.keys():
                type_.fields[name].resolve = resolve
        if type_ is schema.subscription_type:
            for field in schema.subscription_type.fields.values():
                field.subscribe = listen
        if type_.name in {"Crate", "Person"}:
            assert isinstance(type_, GraphQLObjectType)
            type_.is_type_of = _is(type_.name)
    union, named = schema.type_map["Thing"], schema.type_map["Named"]
    assert isinstance(union, GraphQLUnionType)
    assert isinstance(named, GraphQLInterfaceType)
    union.resolve_type = named.resolve_type = _type_of
    return schema


SCHEMA = _schema()
OBJECTS = [SCHEMA.type_map[name] for name in ("Book", "Person", "Crate", "Query", "Mutation", "Subscription")]
CLASSES = {type_.name: _class_of(type_) for type_ in OBJECTS if isinstance(type_, GraphQLObjectType)}
POSSIBLE = {type_.name: (type_.name,) for type_ in OBJECTS} | {
    "Node": ("Book", "Person", "Crate"),
    "Named": ("Book", "Person"),
    "Thing": ("Book", "Person", "Crate"),
}
LEAVES: dict[str, Callable[[Random], Any]] = {
    "ID": lambda dice: dice.choice(("a", 4, "b7")),
    "String": lambda dice: dice.choice(("text", "", 5, True)),
    "Int": lambda dice: dice.choice((1, -3, 2.0, "12", 2**31 - 1)),
    "Float": lambda dice: dice.choice((1.5, 2, "0.25", -0.0)),
    "Boolean": lambda dice: dice.choice((True, False, 1, 0.0)),
    "Colour": lambda dice: dice.choice(list(Shade)),
    "Odd": lambda dice: dice.choice((1, 3, 5)),
}
