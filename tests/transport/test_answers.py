"""Answers that are the same for everybody: kept by clients, remembered here, and told again as they were."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn
from graphql import GraphQLError
from strawberry.extensions.field_extension import FieldExtension

from tests.transport.asking import Everybody
from tests.transport.serving import served
from transport.answers import AnswerMemory
from transport.endpoint import Endpoint
from transport.negotiation import Form
from transport.operations import Operations
from transport.persisted import NothingPersisted
from transport.policy import Plain
from transport.preparing import id_of

MADE: list[str] = []
NAMES = ["a"]


class Gate(FieldExtension):
    def resolve(self, next_: Any, source: Any, info: Any, **kwargs: Any) -> Any:
        """Might look at the caller."""
        return next_(source, info, **kwargs)


def of_caller(info: strawberry.Info[Any, None]) -> str:
    return str(info.context)


@strawberry.type
class Category:
    name: str
    gated: str = strawberry.field(default="", extensions=[Gate()])
    mine: str = strawberry.field(resolver=of_caller)
    said: str = strawberry.field(resolver=of_caller, metadata={"public": True})
    denied: str = strawberry.field(default="", metadata={"public": False})
    children: list[Category] = strawberry.field(default_factory=list)


def all_categories(first: int | None = None) -> list[Category]:
    MADE.append("categories")
    return [Category(name=name) for name in NAMES]


def fails() -> Category | None:
    raise GraphQLError("broken")


@strawberry.type
class Query:
    categories: list[Category] = strawberry.field(resolver=all_categories, metadata={"cached_for": timedelta(hours=1)})
    banners: list[Category] = strawberry.field(resolver=all_categories, metadata={"cached_for": timedelta(minutes=10)})
    listings: list[Category] = strawberry.field(resolver=all_categories)
    broken: Category | None = strawberry.field(resolver=fails, metadata={"cached_for": timedelta(hours=1)})


PUBLIC = """query Categories($n: Int) { __typename categories(first: $n) { name children { ...C } } }
fragment C on Category { name }"""
SHORTER = "{ categories { name } banners { said } }"
NOBODYS = [
    "{ listings { name } }",
    "{ categories { name } listings { name } }",
    "{ categories { mine } }",
    "{ categories { gated } }",
    "{ categories { denied } }",
    "{ categories { children { name ...C } } } fragment C on Category { children { ... { mine } } }",
    "{ broken { name } }",
    "{ __typename }",
    "{ __schema { queryType { name } } }",
]


class OnlyTrusted(NothingPersisted):
    """A merchant may run nothing that others may."""

    def takes_trusted(self, context: Any) -> bool:
        return bool(context != "merchant")

    def takes_text(self, context: Any) -> bool:
        return bool(context != "merchant")


class Counting(Plain):
    def __init__(self) -> None:
        self.admitted = 0

    def admit(self, context: Any) -> GraphQLError | None:
        if context == "impatient":
            return GraphQLError("Slow down.", extensions={"retryAfterSeconds": 3})
        self.admitted += 1
        return None

    def extensions(self, context: Any) -> Any:
        return {"requestId": self.admitted}


@pytest.fixture
async def policy() -> Counting:
    MADE.clear()
    NAMES[:] = ["a"]
    return Counting()


@pytest.fixture
async def endpoint(policy: Counting) -> Endpoint:
    operations = Operations(strawberry.Schema(Query), policy=policy, persisted=OnlyTrusted())
    operations.trust([PUBLIC, SHORTER, *NOBODYS])
    return Endpoint(operations, surroundings=Everybody())


@pytest.fixture
async def url(endpoint: Endpoint) -> AsyncIterator[str]:
    async with served(uvicorn.Config(endpoint, log_config=None)) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


async def get(http: aiohttp.ClientSession, url: str, text: str, **headers: str) -> tuple[int, Any, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with http.get(url, params={"documentId": id_of(text)}, headers=named) as response:
        return response.status, response.headers, await response.read()


async def test_a_public_answer_may_be_kept_and_is_asked_for_by_its_tag(
    http: aiohttp.ClientSession, url: str, policy: Counting
) -> None:
    status, first, body = await get(http, url, PUBLIC)
    again_status, again, nothing = await get(http, url, PUBLIC, If_None_Match=first["ETag"])

    assert (status, body) == (200, b'{"data":{"__typename":"Query","categories":[{"name":"a","children":[]}]}}')
    assert (first["Cache-Control"], first["Vary"]) == ("public, max-age=3600", "Accept, Origin")
    assert (again_status, nothing) == (304, b"")
    assert [again[name] for name in ("ETag", "Cache-Control", "Vary")] == [
        first[name] for name in ("ETag", "Cache-Control", "Vary")
    ]
    assert (MADE, policy.admitted) == (["categories"], 2)


@pytest.mark.parametrize("given", ["*", "W/{tag}", '"other", {tag}', '"other",W/{tag}'])
async def test_tags_are_compared_as_the_standard_says(http: aiohttp.ClientSession, url: str, given: str) -> None:
    _, headers, _ = await get(http, url, PUBLIC)

    status, _, _ = await get(http, url, PUBLIC, If_None_Match=given.format(tag=headers["ETag"]))

    assert status == 304


async def test_the_shortest_lifetime_counts(http: aiohttp.ClientSession, url: str) -> None:
    _, headers, _ = await get(http, url, SHORTER)

    assert headers["Cache-Control"] == "public, max-age=600"


@pytest.mark.parametrize("text", NOBODYS)
async def test_what_may_depend_on_the_caller_is_nobodys_to_keep(
    http: aiohttp.ClientSession, url: str, text: str
) -> None:
    status, headers, body = await get(http, url, text)
    await get(http, url, text)

    assert (status, headers["Cache-Control"], "ETag" in headers) == (200, "no-store", False)
    assert b"requestId" in body
    assert len(MADE) % 2 == 0


async def test_a_posted_document_is_answered_as_ever(http: aiohttp.ClientSession, url: str) -> None:
    async with http.post(url, json={"documentId": id_of(PUBLIC)}) as response:
        body = await response.json()

    assert (response.headers["Cache-Control"], body["extensions"]) == ("no-store", {"requestId": 1})


async def test_forms_and_variables_have_answers_of_their_own(http: aiohttp.ClientSession, url: str) -> None:
    _, json, _ = await get(http, url, PUBLIC)
    _, response, _ = await get(http, url, PUBLIC, Accept="application/graphql-response+json")
    async with http.get(url, params={"documentId": id_of(PUBLIC), "variables": '{"n":1}'}) as other:
        await other.read()

    assert json["ETag"] != response["ETag"]
    assert response["Content-Type"] == "application/graphql-response+json; charset=utf-8"
    assert len(MADE) == 3


async def test_a_change_is_told_at_once_where_it_is_known(
    http: aiohttp.ClientSession, url: str, endpoint: Endpoint
) -> None:
    _, before, _ = await get(http, url, PUBLIC)
    NAMES.append("b")
    _, unknown, _ = await get(http, url, PUBLIC)

    endpoint.answers.forget()

    status, after, body = await get(http, url, PUBLIC, If_None_Match=before["ETag"])
    assert unknown["ETag"] == before["ETag"]
    assert (status, after["ETag"] != before["ETag"]) == (200, True)
    assert b'"b"' in body


async def test_who_is_not_admitted_gets_no_remembered_answer(http: aiohttp.ClientSession, url: str) -> None:
    await get(http, url, PUBLIC)

    status, headers, body = await get(http, url, PUBLIC, X_Who="impatient")

    assert (status, headers["Retry-After"], headers["Cache-Control"]) == (200, "3", "no-store")
    assert b"Slow down." in body


async def test_who_may_not_run_the_document_gets_no_remembered_answer(http: aiohttp.ClientSession, url: str) -> None:
    await get(http, url, PUBLIC)

    _, headers, body = await get(http, url, PUBLIC, X_Who="merchant")

    assert "ETag" not in headers
    assert b"PERSISTED_OPERATION_NOT_FOUND" in body


def test_the_memory_has_an_end_and_its_answers_too() -> None:
    now = [0.0]
    memory = AnswerMemory(bytes_max=100, fresh_seconds=5, monotonic=lambda: now[0])

    def keep(address: bytes, *, size: int = 30, generation: int = 0) -> None:
        memory.keep(address, Form.JSON, b"x" * size, document_id="", lifetime_seconds=60, generation=generation)

    for address in (b"a", b"b", b"c"):
        keep(address)
    memory.find(b"a", Form.JSON)
    keep(b"d")
    keep(b"large", size=200)
    assert [bool(memory.find(address, Form.JSON)) for address in (b"a", b"b", b"c", b"d", b"large")] == [
        True,
        False,
        True,
        True,
        False,
    ]

    now[0] = 5.0
    assert memory.find(b"a", Form.JSON) is None

    memory.forget()
    keep(b"old", generation=0)
    keep(b"new", generation=1)
    assert (memory.find(b"old", Form.JSON), memory.find(b"new", Form.JSON) is not None) == (None, True)
