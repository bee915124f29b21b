"""Requests over HTTP: what each is answered with, by which status and which headers."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import orjson
import pytest
import strawberry
import uvicorn
from graphql import GraphQLError
from yarl import URL

from tests.transport.asking import Everybody
from tests.transport.serving import served
from transport import body
from transport.endpoint import Endpoint
from transport.http import HttpEndpoint
from transport.operations import Operations
from transport.persisted import NothingPersisted
from transport.policy import Plain
from transport.preparing import id_of
from transport.waiting import TimeLimit

RESPONSE = "application/graphql-response+json"
TRUSTED = "query Doubled($n: Int!) { doubled(number: $n) }"
RAN: list[str] = []


@strawberry.type
class Query:
    @strawberry.field
    def doubled(self, number: int) -> int:
        return 2 * number

    @strawberry.field
    async def never(self) -> int:
        try:
            await asyncio.Event().wait()
        finally:
            RAN.append("cancelled")
        return 0


@strawberry.type
class Mutation:
    @strawberry.mutation
    def change(self) -> int:
        RAN.append("change")
        return 1


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int = 2) -> AsyncIterator[int]:
        for number in range(to):
            yield number


class Impatient(Plain):
    """Admits everybody but the impatient."""

    def admit(self, context: Any) -> GraphQLError | None:
        if context != "impatient":
            return None
        return GraphQLError("Slow down.", extensions={"code": "RATE_LIMIT_EXCEEDED", "retryAfterSeconds": 7})


@pytest.fixture
async def operations() -> Operations:
    RAN.clear()
    operations = Operations(strawberry.Schema(Query, Mutation, Subscription), policy=Impatient())
    operations.trust([TRUSTED])
    return operations


@pytest.fixture
async def url(operations: Operations) -> AsyncIterator[str]:
    async with served(uvicorn.Config(named(Endpoint(operations, surroundings=Everybody())), log_config=None)) as at:
        yield at


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


def named(application: Any) -> Any:
    """What stands before the endpoint names requests."""

    async def serve(scope: Any, receive: Any, send: Any) -> None:
        await application({**scope, "state": {"request_id": "req-1"}}, receive, send)

    return serve


async def told(response: aiohttp.ClientResponse) -> dict[str, Any]:
    assert response.content_type in ("application/json", RESPONSE)
    assert response.charset == "utf-8"
    answer: dict[str, Any] = orjson.loads(await response.read())
    return answer


NOT_WELL_FORMED: dict[str, bytes] = {
    "null": b"null",
    "array": b'[{"query": "{ __typename }"}]',
    "number": b"1",
    "string": b'"{ __typename }"',
    "empty": b"",
    "cut off": b'{"query": "{ __typename }"',
    "not UTF-8": b'{"query": "\xff"}',
    "UTF-16": '{"query": "{ __typename }"}'.encode("utf-16"),
    "half a surrogate": b'{"query": "{ \\ud800 }"}',
    "brackets": b"[" * 20_000 + b"]" * 20_000,
    "braces": b'{"variables":' * 20_000 + b"1" + b"}" * 20_000,
    "no query": b"{}",
    "query null": b'{"query": null}',
    "query number": b'{"query": 1}',
    "query object": b'{"query": {}}',
    "variables string": b'{"query": "{ __typename }", "variables": "{}"}',
    "variables array": b'{"query": "{ __typename }", "variables": []}',
    "variables false": b'{"query": "{ __typename }", "variables": false}',
    "operationName number": b'{"query": "{ __typename }", "operationName": 1}',
    "operationName object": b'{"query": "{ __typename }", "operationName": {}}',
    "extensions string": b'{"query": "{ __typename }", "extensions": "{}"}',
    "extensions array": b'{"query": "{ __typename }", "extensions": []}',
}


@pytest.mark.parametrize("accept", ["application/json", RESPONSE, "*/*"])
@pytest.mark.parametrize("body", NOT_WELL_FORMED.values(), ids=NOT_WELL_FORMED)
async def test_what_is_no_request_is_400_in_either_form(
    http: aiohttp.ClientSession, url: str, body: bytes, accept: str
) -> None:
    headers = {"Content-Type": "application/json", "Accept": accept}
    async with http.post(url, data=body, headers=headers) as response:
        answer = await told(response)

    assert (response.status, set(answer)) == (400, {"errors"})
    assert answer["errors"][0]["extensions"] == {"code": "BAD_REQUEST", "requestId": "req-1"}
    assert RAN == []


async def test_a_batch_is_refused_in_its_own_words(http: aiohttp.ClientSession, url: str) -> None:
    async with http.post(url, json=[{"query": "mutation { change }"}]) as response:
        answer = await told(response)

    assert response.status == 400
    assert answer["errors"][0]["message"].startswith("Operations are sent one by one;")
    assert RAN == []


@pytest.mark.parametrize(
    "content_type",
    ["application/x-www-form-urlencoded", "text/plain", "", "application/json; charset=utf-16", "application/graphql"],
)
async def test_another_kind_of_body_is_415(http: aiohttp.ClientSession, url: str, content_type: str) -> None:
    body = b'{"query": "mutation { change }"}'
    async with http.post(url, data=body, headers={"Content-Type": content_type}) as response:
        answer = await told(response)

    assert response.status == 415
    assert answer["errors"][0]["extensions"] == {"code": "UNSUPPORTED_MEDIA_TYPE", "requestId": "req-1"}
    assert RAN == []


async def test_a_compressed_body_is_415(http: aiohttp.ClientSession, url: str) -> None:
    compressed = gzip.compress(b'{"query": "mutation { change }"}')
    headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
    async with http.post(url, data=compressed, headers=headers) as response:
        answer = await told(response)

    assert response.status == 415
    assert answer["errors"][0]["extensions"]["code"] == "UNSUPPORTED_MEDIA_TYPE"
    assert RAN == []


async def test_a_body_that_does_not_go_on_is_given_up(
    http: aiohttp.ClientSession, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body, "SILENCE", TimeLimit(0.1))

    async def halting() -> AsyncIterator[bytes]:
        yield b'{"query": "mutation { change }"'
        await asyncio.sleep(5)

    async with http.post(url, data=halting(), headers={"Content-Type": "application/json"}) as response:
        answer = await told(response)

    assert response.status == 408
    assert answer["errors"][0]["extensions"] == {"code": "TIMEOUT", "requestId": "req-1"}
    assert RAN == []


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_another_method_is_405_and_told_which_there_are(
    http: aiohttp.ClientSession, url: str, method: str
) -> None:
    async with http.request(method, url, json={"query": "mutation { change }"}) as response:
        answer = await told(response)

    assert (response.status, response.headers["Allow"]) == (405, "GET, POST")
    assert answer["errors"][0]["extensions"]["code"] == "METHOD_NOT_ALLOWED"
    assert RAN == []


NEVER_RUN = {
    "syntax": {"query": "{"},
    "no field": {"query": "{ nothing }"},
    "no operation": {"query": "fragment F on Query { __typename }"},
    "unknown operation": {"query": "query A { __typename }", "operationName": "B"},
    "empty name": {"query": "query A { __typename }", "operationName": ""},
    "several and no name": {"query": "query A { __typename } mutation B { change }"},
    "variable missing": {"query": TRUSTED},
    "variable of another type": {"query": TRUSTED, "variables": {"n": "x"}},
    "a stream without one": {"query": "subscription { count }"},
    "unknown id": {"documentId": "sha256:0"},
}


@pytest.mark.parametrize("asked", NEVER_RUN.values(), ids=NEVER_RUN)
@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (RESPONSE, 400), ("*/*", 200)])
async def test_what_never_ran_has_no_data_and_a_status_for_who_reads_it(
    http: aiohttp.ClientSession, url: str, asked: dict[str, Any], accept: str, status: int
) -> None:
    async with http.post(url, json=asked, headers={"Accept": accept}) as response:
        answer = await told(response)

    assert (response.status, set(answer)) == (status, {"errors"})
    assert RAN == []


@pytest.mark.parametrize(("accept", "status"), [("application/json", 200), (RESPONSE, 429)])
async def test_who_is_not_admitted_is_told_when_to_come_back(
    http: aiohttp.ClientSession, url: str, accept: str, status: int
) -> None:
    headers = {"Accept": accept, "X-Who": "impatient"}
    async with http.post(url, json={"query": "mutation { change }"}, headers=headers) as response:
        answer = await told(response)

    assert (response.status, response.headers["Retry-After"]) == (status, "7")
    assert answer["errors"][0]["extensions"]["code"] == "RATE_LIMIT_EXCEEDED"
    assert RAN == []


async def test_variables_nested_beyond_reason_are_the_clients_fault(http: aiohttp.ClientSession, url: str) -> None:
    nested: Any = 1
    for _ in range(900):
        nested = [nested]

    async with http.post(url, json={"query": TRUSTED, "variables": {"n": nested}}) as response:
        answer = await told(response)

    assert (response.status, set(answer)) == (200, {"errors"})
    assert "Recursion" not in str(answer)


async def test_an_operation_that_takes_too_long_is_cancelled_and_503(
    http: aiohttp.ClientSession, operations: Operations
) -> None:
    endpoint = HttpEndpoint(operations, Everybody(), operation_seconds_max=0.1)
    config = uvicorn.Config(named(endpoint), log_config=None)
    async with served(config) as url, http.post(url, json={"query": "{ never }"}) as response:
        answer = await told(response)

    assert response.status == 503
    assert answer["errors"][0]["extensions"] == {"code": "TIMEOUT", "requestId": "req-1"}
    assert RAN == ["cancelled"]


@pytest.mark.parametrize(
    "asked",
    [
        {"query": TRUSTED, "variables": '{"n": 21}'},
        {"query": f"{TRUSTED} query Other {{ __typename }}", "variables": '{"n": 21}', "operationName": "Doubled"},
        {"documentId": id_of(TRUSTED), "variables": '{"n": 21}', "operationName": ""},
        {"extensions": f'{{"documentId": "{id_of(TRUSTED)}"}}', "variables": '{"n": 21}', "query": ""},
        {
            "extensions": orjson.dumps(
                {"persistedQuery": {"version": 1, "sha256Hash": id_of(TRUSTED).removeprefix("sha256:")}}
            ).decode(),
            "variables": '{"n": 21}',
            "utm_source": "elsewhere",
        },
    ],
)
async def test_a_query_may_stand_in_the_address(http: aiohttp.ClientSession, url: str, asked: dict[str, str]) -> None:
    async with http.get(url, params=asked) as response:
        answer = await told(response)

    assert (response.status, answer) == (200, {"data": {"doubled": 42}})
    assert response.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "query must be a string."),
        ("query=%7B__typename%7D&variables=%7B", "variables must be JSON."),
        ("query=%7B__typename%7D&variables=%5B%5D", "variables must be an object."),
        ("query=%7B__typename%7D&extensions=1", "extensions must be an object."),
        ("query=%7B__typename%7D&query=%7B__typename%7D", "query must come once."),
        ("query=%FF", "The address must be UTF-8, percent-encoded."),
        ("&".join(f"a{number}=1" for number in range(40)), "The address has at most 32 parameters."),
    ],
)
async def test_an_address_of_wrong_form_is_400(http: aiohttp.ClientSession, url: str, query: str, message: str) -> None:
    async with http.get(URL(f"{url}?{query}", encoded=True)) as response:
        answer = await told(response)

    assert response.status == 400
    assert answer["errors"][0]["message"] == message


@pytest.mark.parametrize("accept", ["application/json", RESPONSE, "text/event-stream;q=0.1, application/json"])
async def test_a_mutation_by_get_is_405_and_does_not_run(http: aiohttp.ClientSession, url: str, accept: str) -> None:
    asked = {"query": "query A { __typename } mutation B { change }", "operationName": "B"}
    async with http.get(url, params=asked, headers={"Accept": accept}) as response:
        answer = await told(response)

    assert (response.status, response.headers["Allow"]) == (405, "POST")
    assert answer["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED"}
    assert RAN == []


async def test_a_subscription_by_get_is_for_event_sources(http: aiohttp.ClientSession, url: str) -> None:
    asked = {"query": "subscription { count }"}
    async with http.get(url, params=asked, headers={"Accept": "text/event-stream"}) as response:
        events = await response.read()

    assert response.content_type == "text/event-stream"
    assert [part for part in events.split(b"\n") if part.startswith(b"data: ")] == [
        b'data: {"data":{"count":0}}',
        b'data: {"data":{"count":1}}',
    ]


async def test_where_texts_are_posted_only_documents_are_named_by_get(
    http: aiohttp.ClientSession, operations: Operations
) -> None:
    endpoint = Endpoint(operations, surroundings=Everybody(), texts_by_get=False)
    async with served(uvicorn.Config(named(endpoint), log_config=None)) as url:
        async with http.get(url, params={"query": "{ __typename }"}) as by_text:
            refused = await told(by_text)
        async with http.get(url, params={"documentId": id_of(TRUSTED), "variables": '{"n": 1}'}) as by_id:
            found = await told(by_id)

    assert (by_text.status, by_text.headers["Allow"]) == (405, "POST")
    assert refused["errors"][0]["extensions"] == {"code": "METHOD_NOT_ALLOWED", "requestId": "req-1"}
    assert found == {"data": {"doubled": 2}}


async def test_a_fault_beside_the_fields_is_an_answer_too(http: aiohttp.ClientSession) -> None:
    class Broken(NothingPersisted):
        def find(self, document_id: str, context: Any) -> str | None:
            raise RuntimeError("out of order")

    operations = Operations(strawberry.Schema(Query), persisted=Broken())
    config, headers = (
        uvicorn.Config(Endpoint(operations, surroundings=Everybody()), log_config=None),
        {"Accept": RESPONSE},
    )
    async with served(config) as url, http.post(url, json={"documentId": "a"}, headers=headers) as response:
        answer = await told(response)

    assert (response.status, set(answer)) == (500, {"errors"})
    assert "out of order" not in str(answer)
