"""Another project's schemas, mounted by one call: compiled, by graphql-core, and with strawberry's extensions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterable, Iterator, Mapping
from typing import Any

import aiohttp
import pytest
import strawberry
import uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from strawberry import relay
from strawberry.directive import DirectiveLocation, DirectiveValue
from strawberry.extensions import MaskErrors, SchemaExtension
from strawberry.file_uploads import Upload
from strawberry.schema.config import StrawberryConfig

from execution.mode import ExecutionMode
from tests.transport.asking import WAYS, Asking
from tests.transport.serving import served
from transport.limits import Limits
from transport.mounting import graphql_routes
from transport.surroundings import Caller, Refused
from transport.websocket import websocket_protocol

LOG: list[str] = []
CLOSED = asyncio.Event()
FRUITS = ["apple", "banana", "cherry"]


@strawberry.type
class Fruit(relay.Node):
    number: relay.NodeID[int]
    name: str

    @classmethod
    def resolve_nodes(cls, *, info: Any, node_ids: Iterable[str], required: bool = False) -> list[Fruit]:
        return [fruit(int(number)) for number in node_ids]


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def keep(self, file: Upload) -> str:
        content: bytes = await file.read()  # type: ignore[attr-defined]  # strawberry's scalar has no class
        return content.decode()


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def count(self, to: int) -> AsyncGenerator[int, None]:
        try:
            for number in range(to):
                yield number
                await asyncio.sleep(0)
        finally:
            LOG.append("closed")
            CLOSED.set()


def all_fruits() -> list[Fruit]:
    return [fruit(number) for number in range(len(FRUITS))]


def fruit(number: int) -> Fruit:
    return Fruit(number=number, name=FRUITS[number])


def who(caller: Caller, parameters: Mapping[str, object]) -> Any:
    name = parameters.get("who") or caller.header(b"x-who")
    if name == "stranger":
        raise Refused("Nobody knows you.", code="AUTHENTICATION_ERROR")
    return {"who": name}


class Timed(SchemaExtension):
    """Sees operations begin and end, and fields being resolved."""

    def on_operation(self) -> Iterator[None]:
        LOG.append("operation begins")
        yield
        LOG.append("operation ends")

    def on_validate(self) -> Iterator[None]:
        LOG.append("validated")
        yield

    async def resolve(self, _next: Any, root: Any, info: Any, *args: Any, **kwargs: Any) -> Any:
        LOG.append(f"field {info.field_name}")
        found = _next(root, info, *args, **kwargs)
        return await found if asyncio.iscoroutine(found) else found

    def get_results(self) -> dict[str, Any]:
        return {"timed": True}


@strawberry.directive(locations=[DirectiveLocation.FIELD])
def upper(value: DirectiveValue[str]) -> str:
    return value.upper()


def build(**options: Any) -> strawberry.Schema:
    """Relay's fields belong to one schema, so its root type is made for it."""

    @strawberry.type
    class Query:
        node: relay.Node = relay.node()
        fruits: relay.ListConnection[Fruit] = relay.connection(resolver=all_fruits)

        @strawberry.field
        def caller(self, info: strawberry.Info[Any, None]) -> str:
            return str(info.context["who"])

        @strawberry.field
        def broken(self) -> int:
            raise RuntimeError("the password is hunter2")

    return strawberry.Schema(Query, Mutation, Subscription, **options)


COMPILED = build()
EXTENDED = build(extensions=[Timed, MaskErrors], directives=[upper])


@pytest.fixture(params=["compiled", "eager", "reference", "extended"])
async def url(request: pytest.FixtureRequest) -> AsyncIterator[str]:
    LOG.clear()
    CLOSED.clear()
    is_extended = request.param == "extended"
    mode = ExecutionMode.COMPILED if is_extended else ExecutionMode(request.param)
    routes = graphql_routes(EXTENDED if is_extended else COMPILED, "/", context=who, mode=mode)
    async with served(uvicorn.Config(routes, ws=websocket_protocol(), log_config=None)) as address:
        yield address


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session


@pytest.fixture(params=WAYS)
async def ask(http: aiohttp.ClientSession, url: str, request: pytest.FixtureRequest) -> Asking:
    return Asking(http, url, request.param)


def data(answer: dict[str, Any]) -> Any:
    assert answer.get("extensions") in (None, {"timed": True})
    assert "errors" not in answer
    return answer["data"]


async def test_relays_nodes_and_connections_are_served(ask: Asking) -> None:
    shown = data(await ask({"query": "{ fruits(first: 2) { edges { node { id name } } pageInfo { hasNextPage } } }"}))
    asked = {"query": "query($id: ID!) { node(id: $id) { ... on Fruit { name } } }"}
    named = data(await ask({**asked, "variables": {"id": shown["fruits"]["edges"][1]["node"]["id"]}}))

    assert [edge["node"]["name"] for edge in shown["fruits"]["edges"]] == ["apple", "banana"]
    assert shown["fruits"]["pageInfo"] == {"hasNextPage": True}
    assert named == {"node": {"name": "banana"}}


async def test_each_operation_has_the_context_that_was_made_for_it(ask: Asking) -> None:
    assert data(await ask({"query": "{ caller }"}, who="amina")) == {"caller": "amina"}


async def test_a_file_is_an_argument(http: aiohttp.ClientSession, url: str) -> None:
    form = aiohttp.FormData()
    asked = '{"query": "mutation($file: Upload!) { keep(file: $file) }", "variables": {"file": null}}'
    form.add_field("operations", asked)
    form.add_field("map", '{"0": ["variables.file"]}')
    form.add_field("0", b"hello", filename="a.txt")

    async with http.post(url, data=form, headers={"GraphQL-Require-Preflight": "1"}) as response:
        answer = await response.json()

    assert data(answer) == {"keep": "hello"}


async def test_a_generator_is_a_stream_over_events_and_sockets(http: aiohttp.ClientSession, url: str) -> None:
    asked = {"query": "subscription { count(to: 3) }"}
    async with http.post(url, json=asked, headers={"Accept": "text/event-stream"}) as response:
        events = await response.read()
    async with http.ws_connect(url, protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive_json()
        await socket.send_json({"id": "a", "type": "subscribe", "payload": asked})
        frames = [await socket.receive_json() for _ in range(4)]

    numbers = [frame["payload"]["data"]["count"] for frame in frames[:3]]
    assert (events.count(b"event: next"), events.count(b"event: complete")) == (3, 1)
    assert (numbers, frames[3]["type"]) == ([0, 1, 2], "complete")
    assert LOG.count("closed") == 2


async def test_who_is_left_early_is_closed(http: aiohttp.ClientSession, url: str) -> None:
    async with http.ws_connect(url, protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init"})
        await socket.receive_json()
        payload = {"query": "subscription { count(to: 100000000) }"}
        await socket.send_json({"id": "a", "type": "subscribe", "payload": payload})
        await socket.receive_json()

        await socket.send_json({"id": "a", "type": "complete"})

        async with asyncio.timeout(5):
            await CLOSED.wait()


async def test_a_context_may_refuse(http: aiohttp.ClientSession, url: str) -> None:
    async with http.post(url, json={"query": "{ caller }"}, headers={"X-Who": "stranger"}) as response:
        answer = await response.json()
    async with http.ws_connect(url, protocols=("graphql-transport-ws",)) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"who": "stranger"}})
        closed = await socket.receive()

    assert (response.status, answer["errors"][0]["extensions"]["code"]) == (401, "AUTHENTICATION_ERROR")
    assert (closed.data, closed.extra) == (4403, "Nobody knows you.")


async def test_strawberrys_extensions_see_what_runs_and_their_results_are_told(http: aiohttp.ClientSession) -> None:
    LOG.clear()
    async with served(uvicorn.Config(graphql_routes(EXTENDED, "/", context=who), log_config=None)) as url:
        ask = Asking(http, url, "request")
        answer = await ask({"query": "{ caller @upper }"}, who="amina")
        seen = list(LOG)
        masked = await ask({"query": "{ broken }"})

    assert answer == {"data": {"caller": "AMINA"}, "extensions": {"timed": True}}
    assert seen == ["operation begins", "validated", "field caller", "operation ends"]
    assert "hunter2" not in str(masked)


async def test_routes_stand_among_those_of_an_application(http: aiohttp.ClientSession) -> None:
    async def page(_: Any) -> PlainTextResponse:
        return PlainTextResponse("a page")

    routes = [Route("/", page), *graphql_routes(COMPILED), Mount("/v2", routes=graphql_routes(COMPILED, context=who))]
    config = uvicorn.Config(Starlette(routes=routes), log_config=None)
    async with served(config) as url:
        async with http.get(url) as shown:
            text = await shown.text()
        fruits = {"query": "{ fruits { edges { node { name } } } }"}
        found = [await Asking(http, f"{url}{path}", way)(fruits) for path in ("graphql", "v2/graphql") for way in WAYS]

    assert text == "a page"
    assert [len(answer["data"]["fruits"]["edges"]) for answer in found] == [3] * 6


async def test_what_is_said_at_mounting_holds(http: aiohttp.ClientSession) -> None:
    config = StrawberryConfig(disable_field_suggestions=True)
    routes = graphql_routes(
        build(config=config), "/", trusted=["{ __typename }"], limits=Limits(depth=1, body_bytes=100)
    )
    async with served(uvicorn.Config(routes, log_config=None)) as url:
        ask = Asking(http, url, "request")
        deep = await ask({"query": "{ fruits { edges { cursor } } }"})
        unknown = await ask({"query": "{ fruit }"})
        async with http.post(url, json={"query": f"{{ __typename }} # {'x' * 100}"}) as response:
            long = await response.json()

    assert deep["errors"][0]["extensions"]["limit"]["name"] == "depth"
    assert "Did you mean" not in str(unknown)
    assert (response.status, long["errors"][0]["extensions"]["code"]) == (413, "PAYLOAD_TOO_LARGE")
