"""Acting as a demo person by one click, as the explorer's page asks for it."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.documents import SESSION_REFRESH, USER_BLOCK, USER_UNBLOCK, VIEWER
from tests.flows.market import Market

DEVICE = "a-browser-of-the-tests"


async def signed_in(http: aiohttp.ClientSession, url: str, **asked: Any) -> tuple[int, Any]:
    async with http.post(f"{url}/explorer/sign-in", json={"deviceId": DEVICE, **asked}) as response:
        assert response.headers["Cache-Control"] == "no-store"
        return response.status, await response.json()


async def test_the_people_are_listed_with_their_ids_and_nothing_secret(
    market: Market, http: aiohttp.ClientSession
) -> None:
    async with http.get(f"{market.urls['a']}/explorer/people") as response:
        people = await response.json()

    assert [person["label"] for person in people] == list(market.people)
    assert people[0] == {
        "label": "customer",
        "name": "Amina Otieno",
        "userId": market.people["customer"]["userId"],
        "walletId": market.people["customer"]["walletId"],
    }


async def test_one_click_is_a_session_that_acts_and_is_renewed(market: Market, http: aiohttp.ClientSession) -> None:
    status, session = await signed_in(http, market.urls["a"], person="customer3")

    known = Caller(http, market.urls["a"], session["accessToken"])
    renewed = await known.do(SESSION_REFRESH, input={"refreshToken": session["refreshToken"], "deviceId": DEVICE})
    viewer = await Caller(http, market.urls["b"], renewed["accessToken"]).run(VIEWER)
    assert status == 200
    assert viewer["id"] == session["userId"] == market.people["customer3"]["userId"]
    assert session["walletId"] == market.people["customer3"]["walletId"]
    assert session["accessTokenExpiresAt"].endswith("+00:00")


async def test_other_sessions_of_the_person_go_on(market: Market, http: aiohttp.ClientSession) -> None:
    await signed_in(http, market.urls["a"], person="merchant")
    await signed_in(http, market.urls["a"], person="merchant")

    assert (await market.demo(http, "merchant").run(VIEWER))["id"] == market.people["merchant"]["userId"]


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"person": "somebody"}, 404, "NOT_FOUND"),
        ({"person": None}, 404, "NOT_FOUND"),
        ({"person": ["admin"]}, 404, "NOT_FOUND"),
        ({"person": "admin", "deviceId": "short"}, 400, "VALIDATION_ERROR"),
        ({"person": "admin", "deviceId": 12345678}, 400, "VALIDATION_ERROR"),
        ({"person": "admin", "more": "x" * 2000}, 400, "VALIDATION_ERROR"),
    ],
)
async def test_a_faulty_click_is_refused_with_a_code(
    market: Market, http: aiohttp.ClientSession, asked: dict[str, Any], status: int, code: str
) -> None:
    answered, answer = await signed_in(http, market.urls["a"], **asked)

    assert (answered, answer["errors"][0]["extensions"]["code"]) == (status, code)
    assert answer["errors"][0]["extensions"]["requestId"].startswith("req_")
    assert "accessToken" not in answer


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b"{", b"\xff"])
async def test_a_body_that_is_no_object_is_refused(market: Market, http: aiohttp.ClientSession, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    async with http.post(f"{market.urls['a']}/explorer/sign-in", data=body, headers=headers) as response:
        answer = await response.json()

    assert (response.status, answer["errors"][0]["extensions"]["code"]) == (400, "VALIDATION_ERROR")


async def test_a_form_that_another_page_could_send_is_refused(market: Market, http: aiohttp.ClientSession) -> None:
    body = b'{"person": "admin", "deviceId": "a-browser-of-the-tests"}'
    headers = {"Content-Type": "text/plain", "Origin": "https://evil.example"}
    async with http.post(f"{market.urls['a']}/explorer/sign-in", data=body, headers=headers) as response:
        answer = await response.json()

    assert (response.status, list(answer)) == (415, ["errors"])
    assert "Access-Control-Allow-Origin" not in response.headers


async def test_a_blocked_person_may_not_be_acted_as(market: Market, http: aiohttp.ClientSession, admin: Caller) -> None:
    person = {"userId": market.people["customer4"]["userId"], "reason": "A test of how access ends."}
    await admin.do(USER_BLOCK, input=person)

    status, answer = await signed_in(http, market.urls["a"], person="customer4")

    await admin.do(USER_UNBLOCK, input=person)
    allowed, _ = await signed_in(http, market.urls["a"], person="customer4")
    assert (status, answer["errors"][0]["extensions"]["code"]) == (403, "AUTHENTICATION_ERROR")
    assert "blocked" in answer["errors"][0]["message"]
    assert allowed == 200
