"""What is the same for everybody may be kept: categories by GET, told anew as soon as one changes."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from app.documents import trusted_documents
from tests.flows.client import Caller
from tests.flows.market import Market
from transport.preparing import id_of

CATEGORIES = next(id_of(text) for text in trusted_documents() if "query Categories" in text)
WALLET = next(id_of(text) for text in trusted_documents() if "query WalletStatement" in text)
CREATE = """mutation($input: CategoryCreateInput!) {
  categoryCreate(input: $input) { category { id } errors { message } }
}"""


async def get(caller: Caller, document_id: str, **headers: str) -> tuple[int, Any, bytes]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    if caller.token:
        named["Authorization"] = f"Bearer {caller.token}"
    async with caller.http.get(f"{caller.url}/graphql", params={"documentId": document_id}, headers=named) as response:
        return response.status, response.headers, await response.read()


@pytest.fixture
async def anybody(market: Market, http: aiohttp.ClientSession) -> Caller:
    return Caller(http, market.urls["a"])


async def test_categories_may_be_kept_for_an_hour_by_anybody(anybody: Caller, customer: Caller) -> None:
    status, headers, body = await get(anybody, CATEGORIES)
    mine_status, mine, my_body = await get(customer, CATEGORIES, X_Request_Id="my-own-id-2")
    again, unchanged, nothing = await get(customer, CATEGORIES, If_None_Match=headers["ETag"])

    assert (status, headers["Cache-Control"], headers["Vary"]) == (200, "public, max-age=3600", "Accept, Origin")
    assert (mine_status, mine["ETag"], my_body) == (200, headers["ETag"], body)
    assert mine["X-Request-Id"] == "my-own-id-2"
    assert b"my-own-id" not in my_body
    assert (again, nothing) == (304, b"")
    assert unchanged["X-Request-Id"] != headers["X-Request-Id"]


async def test_a_changed_category_is_in_the_next_answer(anybody: Caller, admin: Caller, market: Market) -> None:
    _, before, _ = await get(anybody, CATEGORIES)
    names = [{"language": "en", "text": "Kites"}]
    await admin.do(CREATE, input={"slug": "kites", "name": names})

    status, after, body = await get(anybody, CATEGORIES, If_None_Match=before["ETag"])

    assert (status, b"Kites" in body) == (200, True)
    assert after["ETag"] != before["ETag"]


async def test_what_is_somebodys_own_is_nobodys_to_keep(customer: Caller) -> None:
    _, headers, body = await get(customer, WALLET)

    assert headers["Cache-Control"] == "no-store"
    assert "ETag" not in headers
    assert b"requestId" in body


async def test_a_refused_token_gets_no_public_answer(anybody: Caller) -> None:
    await get(anybody, CATEGORIES)

    status, headers, body = await get(Caller(anybody.http, anybody.url, "no token of ours"), CATEGORIES)

    assert (status, "ETag" in headers) == (401, False)
    assert b"Kites" not in body
