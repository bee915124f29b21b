"""An edge with access refuses alike on the compiler and on graphql-core, and tells the refusals of what it leads to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import graphql
import pytest
import strawberry
from graphql import ExecutionResult, parse
from graphql.pyutils import is_awaitable
from strawberry.dataloader import DataLoader

from domain.errors import NotFound
from domain.identity.actor import Actor
from domain.ids import SessionId, UserId, new_id
from execution.execute import execute
from schema.access import SIGNED_IN
from schema.fields import edge
from schema.shown import shown


@strawberry.type
class Person:
    name: str


@strawberry.type
class Offer:
    key: strawberry.Private[int | None]
    number: int | None = shown("key")
    seller: Person | None = edge(key="key", loader="person", access=SIGNED_IN)
    buyer: Person | None = edge(key="key", loader="nobody", access=SIGNED_IN)


@strawberry.type
class Query:
    @strawberry.field
    def offers(self) -> list[Offer]:
        return [Offer(key=1), Offer(key=None), Offer(key=1)]


SCHEMA = strawberry.Schema(Query)._schema


@dataclass
class Surroundings:
    """What edges reach of a context."""

    actor: Actor
    loaders: Any
    request_id: str = "req-1"


async def people(keys: Sequence[int]) -> list[Person]:
    return [Person(name=f"person {key}") for key in keys]


async def nobody(_keys: Sequence[int]) -> list[Person]:
    raise NotFound("person")


async def answered(engine: Callable[..., Any], actor: Actor) -> tuple[Any, list[tuple[str, Any, Any]]]:
    loaders = SimpleNamespace(person=DataLoader(people), nobody=DataLoader(nobody))
    document = parse("{ offers { number seller { name } buyer { name } } }")
    result = engine(SCHEMA, document, None, Surroundings(actor, loaders))
    found: ExecutionResult = await result if is_awaitable(result) else result
    errors = [(error.message, error.path, error.extensions) for error in found.errors or []]
    return found.data, sorted(errors, key=lambda error: str(error[1]))


@pytest.mark.parametrize("engine", [execute, graphql.execute])
async def test_an_edge_with_access_refuses_everybody_else_at_every_position(engine: Callable[..., Any]) -> None:
    data, errors = await answered(engine, Actor.anonymous())

    assert [offer["seller"] for offer in data["offers"]] == [None, None, None]
    assert len(errors) == 6
    assert {extensions["code"] for _, _, extensions in errors} == {"AUTHENTICATION_ERROR"}


@pytest.mark.parametrize("engine", [execute, graphql.execute])
async def test_a_refusal_behind_an_edge_with_access_is_told_with_its_code(engine: Callable[..., Any]) -> None:
    signed_in = Actor.person(UserId(new_id()), SessionId(new_id()), frozenset())

    data, errors = await answered(engine, signed_in)

    assert [offer["seller"] for offer in data["offers"]] == [{"name": "person 1"}, None, {"name": "person 1"}]
    assert [path for _, path, _ in errors] == [["offers", 0, "buyer"], ["offers", 2, "buyer"]]
    assert {extensions["code"] for _, _, extensions in errors} == {"NOT_FOUND"}
