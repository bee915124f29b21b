"""How a field is declared that shows a part of its parent."""

from __future__ import annotations

from collections.abc import Callable
from operator import attrgetter
from typing import Any, TypeVar, cast

import strawberry

from execution.declared import Applied

R = TypeVar("R")


def shown(of: str | Callable[..., Any], *arguments: str | Applied, **named: str | Applied) -> Any:
    """A field that is read from its parent and needs nothing else: an attribute, dotted or not, or a pure function of
    the parent. Where arguments are named, as attributes or by `Applied`, it is a function of these.
    """
    read = read_of(of, *arguments, **named)

    def resolve(root: Any) -> Any:
        return read(root)

    return strawberry.field(resolver=resolve, metadata={"read": read})


def read_of(of: str | Callable[..., Any], *arguments: str | Applied, **named: str | Applied) -> Callable[[Any], Any]:
    """What such a field reads."""
    if isinstance(of, str):
        return attrgetter(of)
    return Applied(of, *arguments, **named) if arguments or named else of


def pure(resolver: Callable[..., R]) -> R:
    """A field by a method that reads its parent and its arguments and nothing else."""
    field: Any = strawberry.field(resolver=resolver, metadata={"pure": True})
    return cast(R, field)  # a class attribute of the type, never used as a value


def public(resolver: Callable[..., R]) -> R:
    """A field by a method that may read more than its parent, and answers every caller alike."""
    field: Any = strawberry.field(resolver=resolver, metadata={"public": True})
    return cast(R, field)  # a class attribute of the type, never used as a value
