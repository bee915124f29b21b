"""Documents beyond a limit are refused over every transport, name the limit, cost little and run nothing."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Callable
from types import FrameType
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn
from graphql import GraphQLError, get_introspection_query

from tests.transport.asking import WAYS, Asking, Everybody
from tests.transport.serving import served
from transport.documents import Faulty
from transport.endpoint import Endpoint
from transport.limits import Limits
from transport.operations import Operations

# Of which a processor does about five million in a second.
CALLS_MAX = 200_000


@strawberry.type
class Thing:
    name: str = "thing"

    @strawberry.field
    def inner(self, number: int = 0) -> Thing:
        return Thing()

    @strawberry.field
    def many(self, first: int = 20) -> list[Thing]:
        return []


@strawberry.type
class Query:
    @strawberry.field
    def thing(self) -> Thing:
        RUNS.append("thing")
        return Thing()


RUNS: list[str] = []


@pytest.fixture
async def operations() -> Operations:
    RUNS.clear()
    return Operations(strawberry.Schema(Query), suggests_names=False)


@pytest.fixture
async def url(operations: Operations) -> AsyncIterator[str]:
    async with served(uvicorn.Config(Endpoint(operations, surroundings=Everybody()), log_config=None)) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def nested(levels: int, innermost: str = "name") -> str:
    return "{ thing " + "{ inner " * levels + "{ " + innermost + " }" + " }" * levels + " }"


def spread(levels: int) -> str:
    """Each fragment asks for the next one twice."""
    each = (
        f"fragment F{level} on Thing {{ a: inner {{ ...F{level + 1} }} b: inner {{ ...F{level + 1} }} }}"
        for level in range(levels)
    )
    return f"{{ thing {{ ...F0 }} }} {' '.join(each)} fragment F{levels} on Thing {{ name }}"


def chained(levels: int) -> str:
    """Fragments that hide how deep they lead."""
    each = (f"fragment F{level} on Thing {{ inner {{ ...F{level + 1} }} }}" for level in range(levels))
    return f"{{ thing {{ ...F0 }} }} {' '.join(each)} fragment F{levels} on Thing {{ name }}"


def repeated(what: str, count: int) -> str:
    return "{ thing {" + f" {what}" * count + " } }"


HOSTILE: dict[str, tuple[str, str]] = {
    "characters": (f"# {'x' * 15_000}\n{{ thing {{ name }} }}", "textLength"),
    "tokens": (repeated("name", 10_000)[:14_998] + "}}", "tokens"),
    "depth": (nested(11), "depth"),
    "depth by fragments": (chained(11), "depth"),
    "aliases": (repeated("n: name", 0)[:-3] + " ".join(f"n{i}: name" for i in range(31)) + "} }", "aliases"),
    "root fields": ("{" + " __typename" * 21 + "}", "rootFields"),
    "directives": (repeated("name @include(if: true)", 51), "directives"),
    "fields": (repeated("name", 501), "fields"),
    "fields by fragments": (spread(60), "fields"),
    "repetitions": (repeated("inner { name }", 150), "repetitions"),
    "repetitions by fragments": (
        "{ thing {" + " ...F" * 80 + " } } fragment F on Thing { inner { name } }",
        "repetitions",
    ),
    "repetitions of fragments": (
        "{ thing {"
        + "".join(f" ...F{i}" for i in range(100))
        + " } }"
        + "".join(f" fragment F{i} on Thing {{ nothing{i} }}" for i in range(100)),
        "repetitions",
    ),
    "digits": (f"{{ thing {{ inner(number: {'9' * 5_000}) {{ name }} }} }}", "digits"),
    "digits of a fraction": (f"{{ thing {{ inner(number: 0.{'9' * 5_000}) {{ name }} }} }}", "digits"),
    "cost": ("{ thing { many(first: 50) { many(first: 50) { name } } } }", "cost"),
    "introspection": ("{ __schema { types " + "{ ofType " * 25 + "{ name }" + " }" * 26 + "}", "introspectionDepth"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", HOSTILE)
async def test_a_document_beyond_a_limit_is_told_which_and_runs_nothing(
    http: aiohttp.ClientSession, url: str, name: str, way: str
) -> None:
    document, limit = HOSTILE[name]

    refused = await Asking(http, url, way)({"query": document})

    assert "data" not in refused
    (error,) = refused["errors"]
    told = error["extensions"]["limit"]
    assert (error["extensions"]["code"], told["name"]) == ("BAD_REQUEST", limit)
    assert str(told["maximum"]) in error["message"]
    assert RUNS == []


def calls_made(work: Callable[[], object]) -> int:
    """How many functions of Python were called: the same on every machine, however busy it is."""
    made = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal made
        made += event == "call"

    sys.setprofile(count)
    try:
        work()
    finally:
        sys.setprofile(None)
    return made


SLOW_TO_VALIDATE = {
    "unknown fields": repeated(" ".join(f"nothing{i}" for i in range(480)), 1),
    "unknown arguments": "{ thing { inner(" + " ".join(f"a{i}: 1" for i in range(480)) + ") { name } } }",
    "unused variables": "query(" + " ".join(f"$v{i}: Int" for i in range(390)) + ") { thing { name } }",
    "fragments in a row": "{ ...F0 }"
    + "".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(240))
    + "fragment F240 on Query { __typename }",
    "many operations": "".join(f"query A{i} {{ ...F0 }}" for i in range(120))
    + "".join(f"fragment F{i} on Query {{ ...F{i + 1} }}" for i in range(150))
    + "fragment F150 on Query { nothing }",
    "fragments of nothing, twice in each other": "{ ...F0 }"
    + "".join(f"fragment F{i} on Query {{ ...F{i + 1} ...F{i + 1} }}" for i in range(20)),
    "a long fragment that nothing uses": "{ thing { name } } fragment F on Thing {" + " inner { name }" * 280 + " }",
    "fragments that nothing uses, in each other": "{ thing { name } }"
    + "".join(
        f"fragment F{i} on Query {{ thing {{ ...G{i} ...G{i + 1} }} }}"
        f"fragment G{i} on Thing {{ inner {{ name }} ...G{i + 1} }}"
        for i in range(70)
    ),
    "repetitions in each of many operations": "".join(
        f"query A{i} {{ thing {{" + " inner { name }" * 30 + " } }" for i in range(15)
    ),
    "long fragments in each of many operations": "".join(f"query A{i} {{ thing {{ ...F }} }}" for i in range(100))
    + "fragment F on Thing {"
    + " name" * 60
    + " }",
    "a fragment in itself": "{ thing { ...F } } fragment F on Thing { inner { ...F } }",
    "brackets": "{ thing { inner(number: " + "[" * 990 + "]" * 990 + ") { name } } }",
    "braces": "{ thing" + "{ inner " * 990,
}


@pytest.mark.parametrize("document", [*(text for text, _ in HOSTILE.values()), *SLOW_TO_VALIDATE.values()])
async def test_a_refused_document_costs_little(operations: Operations, document: str) -> None:
    def refuse() -> None:
        try:
            prepared = operations.prepare(document)
        except (Faulty, GraphQLError):
            return
        assert prepared.costs[None] == 1 + 50 * (1 + 50), "the one that is refused by its cost alone"

    assert calls_made(refuse) < CALLS_MAX


@pytest.mark.parametrize(
    "document",
    [nested(10), repeated("name", 60), "{" + " __typename" * 20 + "}", repeated("name @include(if: true)", 50)],
)
async def test_a_document_at_a_limit_runs(http: aiohttp.ClientSession, url: str, document: str) -> None:
    assert "errors" not in await Asking(http, url, "request")({"query": document})


async def test_what_tools_ask_about_a_schema_is_within_the_limits(http: aiohttp.ClientSession, url: str) -> None:
    asked = get_introspection_query(schema_description=True, input_value_deprecation=True, specified_by_url=True)

    shown = await Asking(http, url, "request")({"query": asked})

    assert shown["data"]["__schema"]["queryType"]["name"] == "Query"


async def test_limits_are_the_owners_to_set() -> None:
    operations = Operations(strawberry.Schema(Query), limits=Limits(depth=2, cost=5, text_length=100))
    refusals: list[dict[str, Any]] = []

    for document in (nested(1), " " * 101, "{ thing { name } }"):
        try:
            operations.prepare(document)
        except GraphQLError as refusal:
            refusals.append((refusal.extensions or {})["limit"])

    assert refusals == [
        {"name": "depth", "maximum": 2, "actual": 3},
        {"name": "textLength", "maximum": 100, "actual": 101},
    ]
