"""What production lets programs do: developers ask about the schema, and no text is remembered for its digest."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import aiohttp
import pytest
import uvicorn
from pydantic import SecretStr

from app.asgi import build_application
from app.config import Environment, Settings
from app.wiring import wired
from domain.identity.actor import Actor
from domain.identity.address import Address, AddressKind
from domain.identity.api_key import ApiKeyKind
from domain.identity.api_keys import NewApiKey, create_api_key
from domain.identity.roles import Role
from domain.identity.signed_request import SignedRequest
from domain.registration import register
from tests.flows.market import free_port
from tests.makers.api_keys import signed
from tests.transport.serving import served

QUESTION = "{ __schema { queryType { name } } }"
TEXT = "query Flags { featureFlags { key } }"


@pytest.fixture
def settings(fresh_database_url: str, redis_url: str) -> Settings:
    return Settings(
        environment=Environment.PRODUCTION,
        database_url=fresh_database_url,
        redis_url=redis_url,
        master_secret="a secret of these tests, long enough for production",  # type: ignore[arg-type]
    )


@pytest.fixture
async def keys(settings: Settings) -> dict[ApiKeyKind, NewApiKey]:
    """A key of each kind, of one merchant."""
    async with wired(settings, application_name="tests") as wiring:
        async with wiring.unit_of_work(Actor.system(), operation="test", request_id="req-1") as uow:
            owner = await register(uow, address=Address(AddressKind.EMAIL, "shop@example.com"))
            uow.emit(owner.grant(Role.MERCHANT, at=uow.now))
        made = {}
        for kind in ApiKeyKind:
            async with wiring.unit_of_work(Actor.system(), operation="test", request_id="req-1") as uow:
                made[kind] = await create_api_key(
                    uow, owner_id=owner.id, kind=kind, label="Till", networks=(), sealer=wiring.gateways.sealer
                )
    return made


@pytest.fixture
async def url(settings: Settings, keys: dict[ApiKeyKind, NewApiKey]) -> AsyncIterator[str]:
    async with served(uvicorn.Config(build_application(settings), log_config=None)) as address:
        yield f"{address}graphql"


async def ask(url: str, asked: dict[str, Any], key: NewApiKey | None = None) -> Any:
    body = json.dumps(asked).encode()
    headers = {"Content-Type": "application/json"}
    if key is not None:
        request = SignedRequest(method="POST", target="/graphql", timestamp_ms=time.time_ns() // 1_000_000, body=body)
        headers["Authorization"] = signed(key.key.id, key.secret, request)
    async with aiohttp.ClientSession() as http, http.post(url, data=body, headers=headers) as response:
        return await response.json()


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


async def test_developers_ask_about_the_schema_and_nobody_else_does(
    url: str, keys: dict[ApiKeyKind, NewApiKey]
) -> None:
    by_developer = await ask(url, {"query": QUESTION}, keys[ApiKeyKind.DEVELOPER])
    by_merchant = await ask(url, {"query": QUESTION}, keys[ApiKeyKind.MERCHANT])
    by_nobody = await ask(url, {"query": QUESTION})

    assert by_developer["data"] == {"__schema": {"queryType": {"name": "Query"}}}
    assert codes(by_merchant) == ["PERSISTED_OPERATION_NOT_FOUND"]
    assert codes(by_nobody) == ["INTROSPECTION_DISABLED"]


async def test_no_text_is_remembered_for_its_digest(url: str, keys: dict[ApiKeyKind, NewApiKey]) -> None:
    digest = hashlib.sha256(TEXT.encode()).hexdigest()
    named = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}

    for key in (None, keys[ApiKeyKind.DEVELOPER]):
        with_text = await ask(url, {"query": TEXT, **named}, key)
        by_digest = await ask(url, named, key)
        assert with_text["data"] == {"featureFlags": []}
        assert codes(by_digest) == ["PERSISTED_QUERY_NOT_FOUND"]
    for asked in ({"query": TEXT, **named}, named):
        assert codes(await ask(url, asked, keys[ApiKeyKind.MERCHANT])) == ["PERSISTED_OPERATION_NOT_FOUND"]


async def test_the_schema_is_told_by_no_page_either(url: str) -> None:
    async with aiohttp.ClientSession() as http, http.get(url.replace("graphql", "schema.graphql")) as response:
        answer = await response.json()

    assert response.status == 404
    assert codes(answer) == ["NOT_FOUND"]


async def test_no_name_is_suggested(url: str) -> None:
    sort = await ask(
        url,
        {"query": "query($s: ListingSort!) { listings(sort: $s) { nextCursor } }", "variables": {"s": "NEWES"}},
    )
    city = await ask(
        url,
        {
            "query": "query($f: ListingFilterInput) { listings(filter: $f) { nextCursor } }",
            "variables": {"f": {"citi": "Nairobi"}},
        },
    )

    for answer in (sort, city):
        (error,) = answer["errors"]
        assert "Did you mean" not in error["message"]


async def test_a_page_that_fails_says_so_as_everything_does(url: str, settings: Settings) -> None:
    others = settings.model_copy(
        update={"master_secret": SecretStr("another secret, which opens none of the keys there are")}
    )

    async with (
        served(uvicorn.Config(build_application(others), log_config=None)) as address,
        aiohttp.ClientSession() as http,
        http.get(f"{address}.well-known/jwks.json") as response,
    ):
        answer = await response.json()

    assert response.status == 500
    assert codes(answer) == ["INTERNAL"]
    assert answer["errors"][0]["extensions"]["requestId"] == response.headers["X-Request-Id"]


async def test_nobody_moves_the_time_of_real_money_on(
    url: str, settings: Settings, keys: dict[ApiKeyKind, NewApiKey]
) -> None:
    command = "mutation { sandbox { clockAdvance(input: {seconds: 60}) { now errors { reason } } } }"

    for key in (None, keys[ApiKeyKind.DEVELOPER]):
        answer = await ask(url, {"query": command}, key)
        shown = await ask(url, {"query": "{ sandbox { now } }"}, key)
        assert answer["data"] == {"sandbox": {"clockAdvance": {"now": None, "errors": [{"reason": "NO_SANDBOX"}]}}}
        assert shown["data"] == {"sandbox": None}
    async with wired(settings, application_name="tests") as wiring:
        assert wiring.house_clock is None
        assert abs((wiring.clock.now() - datetime.now(UTC)).total_seconds()) < 1


async def test_figures_are_on_a_port_of_their_own(settings: Settings, keys: dict[ApiKeyKind, NewApiKey]) -> None:
    del keys
    apart = settings.model_copy(update={"metrics_port": free_port()})
    async with (
        served(uvicorn.Config(build_application(apart), log_config=None)) as address,
        aiohttp.ClientSession() as http,
        http.get(f"{address}metrics") as public,
        http.get(f"http://127.0.0.1:{apart.metrics_port}/metrics") as own,
    ):
        figures = await own.text()

    assert public.status == 404
    assert own.status == 200
    assert "sokoni" in figures
