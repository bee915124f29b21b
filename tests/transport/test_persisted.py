"""Documents named by their id, in each form that clients have for it and over each transport."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn

from tests.transport.asking import WAYS, Asking, Everybody
from tests.transport.serving import served
from transport.asking import Asked
from transport.endpoint import Endpoint
from transport.operations import Operations
from transport.persisted import NothingPersisted
from transport.policy import Plain

TRUSTED = "query Twice($n: Int!) { doubled(number: $n) }"
KEPT = "query Kept { doubled(number: 4) }"
ELSEWHERE = "query Elsewhere { doubled(number: 5) }"
FOREIGN = "{ doubled(number: 6) }"
NOT_FOUND = {"code": "PERSISTED_OPERATION_NOT_FOUND"}
APOLLO_NOT_FOUND = [{"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}]


@strawberry.type
class Query:
    @strawberry.field
    def doubled(self, number: int) -> int:
        return 2 * number


@dataclass
class Registry(NothingPersisted):
    """A merchant may run what is kept and nothing else; a guest sends texts, which are not remembered."""

    ran_by: list[tuple[str, str | None]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def find(self, document_id: str, context: Any) -> str | None:
        return KEPT if document_id in (digest(KEPT), "kept") else None

    async def fetch(self, document_id: str, context: Any) -> str | None:
        self.fetched.append(document_id)
        return ELSEWHERE if document_id == digest(ELSEWHERE) else None

    def takes_text(self, context: Any) -> bool:
        return bool(context != "merchant")

    def takes_trusted(self, context: Any) -> bool:
        return bool(context != "merchant")

    def registers(self, context: Any) -> bool:
        return bool(context != "guest")

    def ran(self, document_id: str, context: Any) -> None:
        self.ran_by.append((document_id, context))


class Closed(Plain):
    def may_introspect(self, context: Any) -> bool:
        return bool(context == "developer")


def digest(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def apollo(text: str) -> dict[str, Any]:
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(text).removeprefix("sha256:")}}}


@pytest.fixture
async def registry() -> Registry:
    return Registry()


@pytest.fixture
async def operations(registry: Registry) -> Operations:
    operations = Operations(strawberry.Schema(Query), policy=Closed(), persisted=registry)
    operations.trust([TRUSTED])
    return operations


@pytest.fixture
async def url(operations: Operations) -> AsyncIterator[str]:
    async with served(uvicorn.Config(Endpoint(operations, surroundings=Everybody()), log_config=None)) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=WAYS)
async def ask(http: aiohttp.ClientSession, url: str, request: pytest.FixtureRequest) -> Asking:
    return Asking(http, url, request.param)


@pytest.mark.parametrize(
    "named",
    [
        {"documentId": digest(TRUSTED)},
        {"extensions": {"documentId": digest(TRUSTED)}},
        apollo(TRUSTED),
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest(TRUSTED)}}},
        {"documentId": digest(TRUSTED), **apollo(FOREIGN)},
        {"documentId": digest(TRUSTED), "query": TRUSTED},
    ],
)
async def test_a_trusted_document_is_run_by_its_id_in_every_form(ask: Asking, named: dict[str, Any]) -> None:
    assert await ask({**named, "variables": {"n": 21}}) == {"data": {"doubled": 42}}


async def test_an_unknown_document_id_is_refused_in_the_standards_words(ask: Asking, registry: Registry) -> None:
    refused = await ask({"documentId": digest(FOREIGN)})

    assert [error["extensions"] for error in refused["errors"]] == [NOT_FOUND]
    assert "data" not in refused
    assert registry.ran_by == []


async def test_apollos_clients_are_told_to_send_the_text_and_need_it_once(ask: Asking) -> None:
    unknown = await ask(apollo(FOREIGN))
    with_text = await ask({"query": FOREIGN, **apollo(FOREIGN)})
    known = await ask(apollo(FOREIGN))

    assert unknown == {"errors": APOLLO_NOT_FOUND}
    assert with_text == known == {"data": {"doubled": 12}}


async def test_a_text_that_is_not_the_digests_is_refused_and_not_remembered(ask: Asking) -> None:
    refused = await ask({"query": "{ __typename }", **apollo(FOREIGN)})
    unknown = await ask(apollo(FOREIGN))

    assert [(error["message"], error["extensions"]["code"]) for error in refused["errors"]] == [
        ("provided sha does not match query", "BAD_REQUEST")
    ]
    assert unknown == {"errors": APOLLO_NOT_FOUND}


async def test_who_is_not_remembered_sends_the_text_each_time(ask: Asking) -> None:
    with_text = await ask({"query": FOREIGN, **apollo(FOREIGN)}, who="guest")
    unknown = await ask(apollo(FOREIGN), who="guest")

    assert with_text == {"data": {"doubled": 12}}
    assert unknown == {"errors": APOLLO_NOT_FOUND}


@pytest.mark.parametrize("named", [{"documentId": digest(KEPT)}, {"documentId": "kept"}, apollo(KEPT), {"query": KEPT}])
async def test_a_merchant_runs_what_is_kept_for_them(ask: Asking, named: dict[str, Any], registry: Registry) -> None:
    assert await ask(named, who="merchant") == {"data": {"doubled": 8}}
    assert registry.ran_by == [(named.get("documentId", digest(KEPT)), "merchant")]


@pytest.mark.parametrize(
    "named",
    [
        {"query": FOREIGN},
        {"query": FOREIGN, **apollo(FOREIGN)},
        apollo(FOREIGN),
        {"documentId": digest(FOREIGN)},
        {"documentId": digest(TRUSTED), "variables": {"n": 1}},
        {"query": TRUSTED, "variables": {"n": 1}},
        {"query": "{"},
    ],
)
async def test_a_merchant_runs_nothing_else(ask: Asking, named: dict[str, Any], registry: Registry) -> None:
    await ask({"query": FOREIGN, **apollo(FOREIGN)}, who="developer")
    registry.ran_by.clear()

    refused = await ask(named, who="merchant")

    assert [error["extensions"] for error in refused["errors"]] == [NOT_FOUND]
    assert "data" not in refused
    assert registry.ran_by == []


async def test_a_document_that_another_process_keeps_is_fetched(ask: Asking, registry: Registry) -> None:
    assert await ask({"documentId": digest(ELSEWHERE)}, who="merchant") == {"data": {"doubled": 10}}
    assert registry.fetched == [digest(ELSEWHERE)]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"documentId": 1}, "documentId must be a string."),
        ({"extensions": {"documentId": 1}}, "documentId must be a string."),
        ({"extensions": []}, "query must be a string."),
        ({"query": "{ __typename }", "extensions": ["documentId"]}, "extensions must be an object."),
        ({"extensions": {"persistedQuery": 1}}, "extensions.persistedQuery must be an object."),
        ({"extensions": {"persistedQuery": {}}}, "extensions.persistedQuery.version must be 1."),
        (
            {"extensions": {"persistedQuery": {"version": 1}}},
            "extensions.persistedQuery.sha256Hash must be a string.",
        ),
    ],
)
async def test_an_id_of_wrong_form_is_refused_in_its_own_words(
    http: aiohttp.ClientSession, url: str, body: dict[str, Any], message: str
) -> None:
    async with http.post(url, json=body) as answer:
        told = await answer.json()

    assert answer.status == 400
    assert told == {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}


async def test_the_memory_of_registered_documents_has_an_end(
    http: aiohttp.ClientSession, url: str, operations: Operations
) -> None:
    ask = Asking(http, url, "request")
    await ask({"query": FOREIGN, **apollo(FOREIGN)})

    for number in range(20):
        text = f"# {number} {'x' * 10_000}\n{{ __typename }}"
        assert await ask({"query": text, **apollo(text)}) == {"data": {"__typename": "Query"}}

    assert await ask(apollo(FOREIGN)) == {"errors": APOLLO_NOT_FOUND}
    assert operations.prepared.find_registered(digest(text)) is not None
    assert len(operations.prepared) <= 13


async def test_strangers_texts_push_out_nothing_that_is_persisted(operations: Operations) -> None:
    documents = operations._documents
    before = await documents.of(Asked("", document_id=digest(KEPT)), "merchant")

    for number in range(20):
        await documents.of(Asked(f"# {number} {'x' * 10_000}\n{{ __typename }}"), None)
    after = await documents.of(Asked("", document_id=digest(KEPT)), "merchant")
    to_the_letter = await documents.of(Asked(KEPT), "merchant")

    assert before is after
    assert to_the_letter is before
    assert before.is_known
    assert len(operations.prepared) <= 13


@pytest.mark.parametrize(
    "document", ['{ a: __type(name: "Query") { name } }', "{ ...F } fragment F on Query { __schema { __typename } }"]
)
async def test_only_who_may_asks_about_the_schema(ask: Asking, document: str) -> None:
    refused = await ask({"query": document})
    shown = await ask({"query": document}, who="developer")
    named = await ask({"query": "{ __typename }"})

    assert refused == {
        "errors": [{"message": "Introspection is off.", "extensions": {"code": "INTROSPECTION_DISABLED"}}]
    }
    assert "errors" not in shown
    assert named == {"data": {"__typename": "Query"}}
