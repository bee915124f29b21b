"""A schema of strawberry whose fields say how they are read and loaded, and rows behind it that may be at fault.

What a row holds depends on the seed, its key and the field alone; graphql-core gets it by resolvers and DataLoaders.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import attrgetter
from random import Random
from typing import Annotated, Any, ClassVar, Generic, TypeVar
from zlib import crc32

import strawberry
from graphql import GraphQLError, GraphQLSchema
from strawberry.dataloader import DataLoader

from execution.declared import Applied, Each

Load = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]
KEYS = 12


@strawberry.enum
class Shade(Enum):
    RED = "r"
    GREEN = "g"


class Market:
    """What one run meets: how many values of a hundred are at fault, and how many are late."""

    def __init__(self, seed: int, *, late: int = 0, faulty: int = 0) -> None:
        self.seed, self.late, self.faulty = seed, late, faulty
        self.calls: list[tuple[str, tuple[Any, ...]]] = []
        self.checks = 0
        self.loaders = {name: DataLoader(self._load(name)) for name in ("person", "shop", "people", "grid", "thing")}

    def dice(self, place: str) -> Random:
        return Random(crc32(f"{self.seed}/{place}".encode()))

    def value(self, place: str, honest: Callable[[Random], Any]) -> Any:
        """What stands at a place: usually what should. It raises, is null, is an error or of a wrong type otherwise."""
        dice = self.dice(place)
        if dice.randrange(100) >= self.faulty:
            return honest(dice)
        kind = dice.randrange(5)
        if kind == 0:
            raise ValueError(f"no {place}")
        return (None, GraphQLError(f"an error as {place}"), ["wrong"], object, 2.5)[kind]

    def row(self, kind: str, key: Any) -> Any:
        return {"person": Person, "shop": Shop}[kind](row=Row(self, kind, f"{kind}{key}"))

    def check(self) -> None:
        self.checks += 1
        if self.dice("check").randrange(100) < self.faulty * 3:
            raise GraphQLError("Not for you.", extensions={"code": "FORBIDDEN"})

    def known(self, name: str, key: Any) -> Any:
        """Half of what the loader would answer, if it answers at all. What can be no key is refused, as by a dict."""
        hash(key)
        if self.dice(f"known {name} {key}").randrange(2) or self._is_out_of_order(name):
            return None
        return self._loaded(name, key)

    def _is_out_of_order(self, name: str) -> bool:
        return self.dice(f"order of {name}").randrange(100) < self.faulty

    def _load(self, name: str) -> Load:
        async def load(keys: Sequence[Any]) -> list[Any]:
            self.calls.append((name, tuple(keys)))
            dice = self.dice(f"loader {name}")
            for _ in range(dice.randrange(3)):
                await asyncio.sleep(0)
            if self._is_out_of_order(name):
                raise ValueError(f"loader {name} is out of order")
            return [self._loaded(name, key) for key in keys]

        return load

    def _loaded(self, name: str, key: Any) -> Any:
        def honest(dice: Random) -> Any:
            if name in {"person", "shop"}:
                return self.row(name, key)
            if name == "thing":
                return self.row(dice.choice(("person", "shop")), key)
            people = [self.row("person", dice.randrange(KEYS)) for _ in range(dice.randrange(4))]
            return people if name == "people" else [people, [], [*people, None], None][: dice.randrange(5)]

        try:
            return self.value(f"{name} {key}", honest)
        except ValueError as error:
            return error


@dataclass
class Row:
    """A row whose columns are looked up in the market."""

    market: Market = field(repr=False)
    kind: str
    place: str

    def column(self, name: str, honest: Callable[[Random], Any]) -> Any:
        return self.market.value(f"{self.place}.{name}", honest)

    def __repr__(self) -> str:
        return self.place

    id = property(lambda self: self.column("id", lambda _: self.place))
    name = property(lambda self: self.column("name", lambda dice: dice.choice(("Ada", "", None))))
    size = property(lambda self: self.column("size", lambda dice: dice.choice((1, 2**31, True, 3.0))))
    ratio = property(lambda self: self.column("ratio", lambda dice: dice.choice((1.5, 2, float("nan")))))
    shade = property(lambda self: self.column("shade", lambda dice: dice.choice(list(Shade))))
    tags = property(lambda self: self.column("tags", lambda dice: dice.choice((["a"], (), ["b", None]))))
    money = property(
        lambda self: self.column("money", lambda dice: Money(amount=dice.choice(("1", "2")), shade=self.shade))
    )
    parts = property(lambda self: self.column("parts", lambda dice: [self.money for _ in range(dice.randrange(3))]))
    boss = property(lambda self: self.column("boss", lambda dice: dice.choice((None, *range(KEYS)))))
    owner = property(lambda self: self.column("owner", lambda dice: dice.randrange(KEYS)))


def shown(of: str | Callable[..., Any], *arguments: str | Applied, **named: str | Applied) -> Any:
    read: Callable[[Any], Any] = attrgetter(of) if isinstance(of, str) else of
    if arguments or named:
        assert callable(of)
        read = Applied(of, *arguments, **named)

    def resolve(root: Any) -> Any:
        return read(root)

    return strawberry.field(resolver=resolve, metadata={"read": read})


@dataclass(frozen=True)
class Edge:
    key: Callable[[Any], Hashable | None]
    loader: str
    check: Callable[[Any], None] | None
    known: Callable[[Market, Any], Any] | None

    def batch(self, context: Market) -> Load:
        load: Load = context.loaders[self.loader].load_fn  # type: ignore[assignment]
        return load


def edge(key: str, loader: str, *, checked: bool = False, known: bool = False) -> Any:
    key_of = attrgetter(key)

    async def resolve(root: Any, info: strawberry.Info[Market, None]) -> Any:
        if checked:
            info.context.check()
        value = key_of(root)
        # Who awaits a key together with others must not cancel it for them when something beside it fails.
        return None if value is None else await asyncio.shield(info.context.loaders[loader].load(value))

    at_hand = (lambda market, key: market.known(loader, key)) if known else None
    declared = Edge(key_of, loader, Market.check if checked else None, at_hand)
    return strawberry.field(resolver=resolve, metadata={"edge": declared})


def nick(root: Any, times: int = 2, *, end: str | None = None) -> Any:
    return root.row.column("nick", lambda dice: dice.choice(("n", "m")) * times + (end or ""))


class Counting(type):
    made: ClassVar[Counter[str]] = Counter()

    def __call__(cls, *arguments: Any, **named: Any) -> Any:
        cls.made[cls.__name__] += 1
        return super().__call__(*arguments, **named)


def shouted(text: str, times: int = 1) -> str:
    return text.upper() * times


@strawberry.type
class Money(metaclass=Counting):
    amount: str
    shade: Shade | None
    loud: str | None = shown(shouted, "amount")
    louder: str = shown(shouted, Applied(shouted, "amount"), times=Applied(len, "amount"))
    whole: str = shown(lambda money: f"{money.amount} {money.shade}")


@strawberry.type
class Checked(metaclass=Counting):
    amount: str

    def __post_init__(self) -> None:
        self.amount = f"{self.amount} checked"


@strawberry.type
class Rounded(metaclass=Counting):
    amount: int

    def __init__(self, amount: int) -> None:
        self.amount = round(amount, -3)


@strawberry.type
class Bag(metaclass=Counting):
    money: strawberry.Private[Money]
    other: strawberry.Private[Any]

    place: str = shown("other.place")
    first: Money = shown("money")
    second: Money | None = shown(Money, amount="other.name", shade="money.shade")


T = TypeVar("T")


@strawberry.type
class Numbered(Generic[T], metaclass=Counting):
    text: T
    number: int
    over: strawberry.Private[str]

    called: str = shown(lambda whose, number: f"{number} of {whose}", "over", "number")
    whole: str = shown(lambda numbered: f"{numbered.number} {numbered.text}")


@strawberry.interface
class Node:
    id: strawberry.ID


@strawberry.type
class Person(Node):
    row: strawberry.Private[Row]

    id: strawberry.ID = shown("row.id")
    name: str | None = shown("row.name")
    full_name: str = shown(lambda person: f"{person.row.name} of {person.row.place}")
    size: int = shown("row.size")
    ratio: float | None = shown("row.ratio")
    shade: Shade | None = shown("row.shade")
    tags: list[str | None] | None = shown("row.tags")
    strict_tags: list[str] = shown("row.tags")
    money: Money | None = shown("row.money")
    parts: list[Money] | None = shown("row.parts")
    numbered: list[Numbered[str]] | None = shown(Each(Numbered, "row.tags", "text", "number", over="row.place"))
    named: Money | None = shown(Money, amount=Applied(shouted, "row.name"), shade="row.shade")
    strict_named: Money = shown(Money, amount="row.id", shade="row.shade")
    checked: Checked | None = shown(Checked, amount="row.name")
    rounded: Rounded | None = shown(Rounded, amount="row.size")
    bag: Bag | None = shown(Bag, money="row.money", other="row")
    boss: Person | None = edge("row.boss", "person")
    strict_boss: Person = edge("row.owner", "person")
    secret: Person | None = edge("row.boss", "person", checked=True)
    strict_secret: Person = edge("row.boss", "person", checked=True)
    mate: Person | None = edge("row.boss", "person", known=True)
    strict_mate: Person = edge("row.owner", "person", known=True)
    known_friends: list[Person] = edge("row.owner", "people", known=True)
    known_thing: Annotated[Thing, strawberry.lazy("tests.execution.market")] | None = edge(
        "row.owner", "thing", known=True
    )
    friends: list[Person] = edge("row.owner", "people")
    maybe_friends: list[Person | None] | None = edge("row.boss", "people")
    grid: list[list[Person | None] | None] | None = edge("row.owner", "grid")
    node: Node | None = edge("row.owner", "thing")
    thing: Annotated[Thing, strawberry.lazy("tests.execution.market")] | None = edge("row.owner", "thing")
    nick: str | None = strawberry.field(resolver=nick, metadata={"pure": True})
    shop: Annotated[Shop, strawberry.lazy("tests.execution.market")] | None = edge("row.owner", "shop")

    @strawberry.field
    def note(self, info: strawberry.Info[Market, None]) -> str:
        return f"{info.path.as_list()} {self.row.column('note', lambda dice: dice.randrange(9))}"

    @strawberry.field
    async def slow(self, info: strawberry.Info[Market, None]) -> str | None:
        return str(await waited(info.context, f"{self.row.place}.slow", lambda _: self.row.place))

    @strawberry.field
    async def slow_boss(self, info: strawberry.Info[Market, None]) -> Person:
        found: Person = await waited(
            info.context, f"{self.row.place}.slow_boss", lambda dice: info.context.row("person", dice.randrange(KEYS))
        )
        return found


@strawberry.type
class Shop(Node):
    row: strawberry.Private[Row]

    id: strawberry.ID = shown("row.id")
    title: str = shown("row.name")
    owner: Person = edge("row.owner", "person")


Thing = Annotated[Person | Shop, strawberry.union("Thing")]


async def waited(market: Market, place: str, honest: Callable[[Random], Any]) -> Any:
    """A value that comes now or after some turns of the loop."""
    if market.dice(f"late {place}").randrange(100) < market.late:
        for _ in range(market.dice(place).randrange(4)):
            await asyncio.sleep(0)
    return market.value(place, honest)


@strawberry.type
class Query:
    greeting: str = shown(lambda _: "hello")

    @strawberry.field
    async def people(self, info: strawberry.Info[Market, None]) -> list[Person]:
        found: list[Person] = await waited(
            info.context, "people", lambda _: [info.context.row("person", n) for n in range(4)]
        )
        return found

    @strawberry.field
    def rows(self, info: strawberry.Info[Market, None]) -> list[list[Person | None]] | None:
        people = [info.context.row("person", n) for n in range(3)]
        return [people, [], [None, *people]]

    @strawberry.field
    def person(self, info: strawberry.Info[Market, None], key: int = 1) -> Person:
        found: Person = info.context.row("person", key)
        return found

    @strawberry.field
    def nodes(self, info: strawberry.Info[Market, None]) -> list[Node]:
        return [info.context.row(("person", "shop")[n % 2], n) for n in range(3)]

    @strawberry.field
    async def things(self, info: strawberry.Info[Market, None]) -> list[Thing]:
        found: list[Thing] = await waited(
            info.context, "things", lambda _: [info.context.row(("shop", "person")[n % 2], n) for n in range(3)]
        )
        return found


@strawberry.type
class Mutation(Query):
    pass


SCHEMA: GraphQLSchema = strawberry.Schema(Query, Mutation, types=[Person, Shop])._schema
