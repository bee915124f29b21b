"""What stands beside the operations: health, figures, keys, the contract, and the frame around every request."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp

from tests.flows.client import Caller
from tests.flows.market import Market
from tests.transport.forms import HEADERS as FORM_HEADERS
from tests.transport.forms import Form


async def text_of(http: aiohttp.ClientSession, url: str) -> str:
    async with http.get(url) as response:
        assert response.status == 200, url
        return await response.text()


async def test_a_process_says_that_it_lives_and_that_it_can_work(market: Market, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{market.urls['a']}/healthz") as response:
        assert await response.json() == {"status": "alive"}
    async with http.get(f"{market.urls['a']}/readyz") as response:
        report = await response.json()
    assert (report["status"], report["database"], report["redis"]) == ("ready", True, True)


async def test_figures_contract_and_keys_are_published(market: Market, http: aiohttp.ClientSession) -> None:
    figures = await text_of(http, f"{market.urls['a']}/metrics")
    contract = await text_of(http, f"{market.urls['a']}/schema.graphql")
    async with http.get(f"{market.urls['a']}/.well-known/jwks.json") as response:
        keys = (await response.json(content_type=None))["keys"]

    assert "sokoni_listeners" in figures
    assert '@access(to: ["listing:moderate"])' in contract
    assert [(key["kty"], key["crv"], key["alg"], "d" in key) for key in keys] == [("EC", "P-256", "ES256", False)]


async def test_an_answer_carries_its_request_id_and_no_servers_name(
    market: Market, http: aiohttp.ClientSession
) -> None:
    body = {"query": "{ __typename }"}
    async with http.post(f"{market.urls['a']}/graphql", json=body, headers={"X-Request-Id": "my-own-id-1"}) as response:
        answer = await response.json()

    assert response.headers["X-Request-Id"] == answer["extensions"]["requestId"] == "my-own-id-1"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    assert "Server" not in response.headers


async def test_a_request_id_of_bad_form_is_replaced(market: Market, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{market.urls['a']}/healthz", headers={"X-Request-Id": "a b"}) as response:
        assert response.headers["X-Request-Id"].startswith("req_")


async def test_where_nothing_is_the_answer_is_an_error_with_a_code(market: Market, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{market.urls['a']}/graphql/nowhere") as lost:
        nowhere = (await lost.json())["errors"][0]
    async with http.post(f"{market.urls['a']}/healthz") as wrong:
        not_so = (await wrong.json())["errors"][0]

    assert (lost.status, nowhere["extensions"]["code"]) == (404, "NOT_FOUND")
    assert nowhere["extensions"]["requestId"] == lost.headers["X-Request-Id"]
    assert (wrong.status, not_so["extensions"]["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert set(wrong.headers["Allow"].split(", ")) == {"GET", "HEAD"}


async def test_a_body_above_the_limit_is_refused_as_json(market: Market, http: aiohttp.ClientSession) -> None:
    async with http.post(
        f"{market.urls['a']}/graphql", data=b"x" * (1024 * 1024 + 1), headers={"Content-Type": "application/json"}
    ) as response:
        answer = await response.json()

    assert response.status == 413
    assert answer["errors"][0]["extensions"]["code"] == "PAYLOAD_TOO_LARGE"


async def test_a_form_with_a_file_may_be_longer_than_other_bodies_and_has_a_limit_of_its_own(
    market: Market, http: aiohttp.ClientSession
) -> None:
    operations = {"query": "{ __typename }", "variables": {"f": None}}
    form = Form().json("operations", operations).json("map", {"0": ["variables.f"]})
    body = form.file("0", b"x" * (3 * 1024 * 1024)).body()
    address = f"{market.urls['a']}/graphql"

    async with http.post(address, data=body, headers=FORM_HEADERS) as response:
        taken = response.status, await response.json()
    beyond = str(101 * 1024 * 1024 + 1)
    async with http.post(address, data=one_byte(), headers={**FORM_HEADERS, "Content-Length": beyond}) as response:
        refused = response.status, await response.json()

    assert (taken[0], taken[1]["data"]) == (200, {"__typename": "Query"})
    assert (refused[0], refused[1]["errors"][0]["extensions"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


async def one_byte() -> AsyncIterator[bytes]:
    yield b"x"


async def test_every_command_is_in_the_audit_trail_with_its_request_id(market: Market, admin: Caller) -> None:
    body = {"query": 'mutation { profileUpdate(input: {displayName: "Joyce A."}) { errors { message } } }'}
    headers = {"Authorization": f"Bearer {admin.token}", "X-Request-Id": "audit-me-please"}
    async with admin.http.post(f"{admin.url}/graphql", json=body, headers=headers) as response:
        assert (await response.json())["data"] == {"profileUpdate": {"errors": []}}

    trail = await admin.run(
        '{ auditTrail(first: 1, filter: {operation: "profileUpdate"}) {'
        " nodes { actor operation requestId changes { before after } } } }"
    )

    (entry,) = trail["nodes"]
    assert (entry["operation"], entry["requestId"]) == ("profileUpdate", "audit-me-please")
    assert entry["actor"] == admin.user_id
