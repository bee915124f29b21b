"""What a field may declare about itself, so that a plan can answer it without calling its resolver.

A declaration never changes an answer: graphql-core calls the resolver, which does the same by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from operator import attrgetter
from typing import Any, Protocol, TypeAlias

from graphql import GraphQLField

from execution.classes import DEFINITION, is_generated

Read: TypeAlias = Callable[[Any], Any]
Load: TypeAlias = Callable[[Sequence[Any]], Awaitable[Sequence[Any]]]
Known: TypeAlias = Callable[[Any, Any], Any]


class Applied:
    """A read that applies a pure function to reads of the parent; a text is an attribute, dotted or not.

    A plan then does the reading in its own text. Of a function that is the dataclass of the field's type it makes no
    object where what is asked of it are attributes that are given by their names.
    """

    __slots__ = ("arguments", "function", "named")

    def __init__(self, function: Callable[..., Any], /, *arguments: str | Applied, **named: str | Applied) -> None:
        self.function = function
        self.arguments = tuple(map(read_by, arguments))
        self.named = {name: read_by(of) for name, of in named.items()}

    def __call__(self, parent: Any) -> Any:
        """What it is of this parent."""
        arguments = [read(parent) for read in self.arguments]
        return self.function(*arguments, **{name: read(parent) for name, read in self.named.items()})


class Each(Applied):
    """A list: the function is applied to each item that `over` reads. The names by which it is given the item and the
    item's place come next; all else that is named is read of the parent.
    """

    __slots__ = ("item", "over", "place")

    def __init__(
        self, function: Callable[..., Any], over: str | Applied, item: str, place: str, /, **named: str | Applied
    ) -> None:
        super().__init__(function, **named)
        self.over, self.item, self.place = read_by(over), item, place

    def __call__(self, parent: Any) -> Any:
        """The list of this parent."""
        named = {name: read(parent) for name, read in self.named.items()}
        items = enumerate(self.over(parent))
        return [self.function(**named, **{self.place: place, self.item: item}) for place, item in items]


def read_by(of: str | Applied) -> Read:
    """The read that a text, or a read itself, stands for."""
    return attrgetter(of) if isinstance(of, str) else of


class Edge(Protocol):
    """A field that leads to another thing by a key; below a list, all keys are loaded by one call."""

    @property
    def key(self) -> Callable[[Any], Hashable | None]:
        """The key of a parent; where it is null the field is null."""
        ...

    @property
    def check(self) -> Callable[[Any], None] | None:
        """Given the context, lets the caller pass or raises what the client reads; None where everybody may."""
        ...

    def batch(self, context: Any) -> Load:
        """What answers many keys at once, each at its place; an exception as a value fails its position."""
        ...


def read_of(field: GraphQLField) -> Read | None:
    """The pure read of the parent that this field is; of an event, the event itself."""
    if getattr(field.extensions.get(DEFINITION), "is_subscription", False) and is_generated(field.resolve):
        return itself
    read: Read | None = declared(field).get("read")
    return read


def itself(source: Any) -> Any:
    """What a subscription's field is: the event, as its source gave it."""
    return source


def is_pure(field: GraphQLField) -> bool:
    """Whether the resolver of this field reads its parent and its arguments and nothing else."""
    return bool(declared(field).get("pure"))


def edge_of(field: GraphQLField) -> Edge | None:
    """The edge that this field is."""
    edge: Edge | None = declared(field).get("edge")
    return edge


def known_of(edge: Edge) -> Known | None:
    """What an edge may have besides: by context and key the value if it is at hand, which need not be loaded then."""
    known: Known | None = getattr(edge, "known", None)
    return known


def declared(field: GraphQLField) -> Mapping[str, Any]:
    """`metadata` of a strawberry field; in another schema the field's own extensions."""
    definition = field.extensions.get(DEFINITION)
    declared: Mapping[str, Any] = field.extensions if definition is None else definition.metadata
    return declared
