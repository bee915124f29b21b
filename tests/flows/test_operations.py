"""Persisted operations at two processes: registered at one they run at the other, retired at one they run nowhere."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from app.documents import trusted_documents
from tests.flows.client import Caller
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.programs import Program, make_program
from tests.makers.manifests import apollo, digest_of

AT_ONCE_SECONDS = 3.0
MERCHANT = "MERCHANT"
NOT_FOUND = "PERSISTED_OPERATION_NOT_FOUND"
ME = "query FlowMe { viewer { id } }"
ANSWER = "query FlowAnswer { viewer { id displayName: id } }"
WATCH = "subscription FlowWatch { userEvents { __typename ... on UserSnapshot { user { id } } } }"
CATEGORIES = "query FlowCategories { categories { id slug } }"
PAY = """mutation FlowPay($input: TransferCreateInput!) {
  transferCreate(input: $input) { transfer { reference } errors { __typename reason } } }"""
REGISTER = """
mutation($input: OperationsRegisterInput!) { operationsRegister(input: $input) {
  operations { id documentId state } newCount errors { __typename message } } }
"""
RETIRE = """
mutation($input: OperationRetireInput!) { operationRetire(input: $input) {
  operation { state } errors { __typename reason } } }
"""
ROLE_GRANT = "mutation($input: RoleGrantInput!) { roleGrant(input: $input) { user { id } errors { message } } }"


def id_of(text: str) -> str:
    return f"sha256:{digest_of(text)}"


def codes(answer: Any) -> list[str]:
    return [error["extensions"]["code"] for error in answer["errors"]]


@pytest.fixture
async def owner(market: Market, http: aiohttp.ClientSession, admin: Caller) -> Caller:
    """A merchant of the test's own."""
    person = await come_in(market, http)
    await admin.do(ROLE_GRANT, input={"userId": person.user_id, "role": MERCHANT, "reason": "Opened a shop."})
    return person


@pytest.fixture
async def program(admin: Caller, owner: Caller) -> Program:
    """Their till, at the process `a`."""
    return await make_program(admin, owner, kind=MERCHANT)


async def register(admin: Caller, owner: Caller, *texts: str) -> list[str]:
    """Registered at the process `a` for this owner; the ids in the registry."""
    payload = await admin.do(REGISTER, input={"manifest": apollo(*texts), "ownerId": owner.user_id})
    return [operation["id"] for operation in payload["operations"]]


async def refused_soon(program: Program, document_id: str) -> None:
    """Within the time it is refused, and goes on being refused."""
    deadline = time.monotonic() + AT_ONCE_SECONDS
    while "data" in (answer := (await program.send({"documentId": document_id}))[1]):
        assert time.monotonic() < deadline, "it still runs"
        await asyncio.sleep(0.02)
    for _ in range(3):
        assert codes(answer) == [NOT_FOUND]
        answer = (await program.send({"documentId": document_id}))[1]


async def test_registered_at_one_process_it_runs_at_the_other_at_once_until_it_is_retired(
    market: Market, admin: Caller, owner: Caller, program: Program
) -> None:
    elsewhere = program.at(market.urls["b"])
    assert codes((await elsewhere.send({"documentId": id_of(ME)}))[1]) == [NOT_FOUND]

    [operation] = await register(admin, owner, ME)

    for each in (elsewhere, program):
        for asked in ({"documentId": id_of(ME)}, {"documentId": digest_of(ME)}, {"query": ME}):
            assert (await each.send(asked))[1]["data"] == {"viewer": {"id": owner.user_id}}
        apollos = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest_of(ME)}}}
        assert (await each.send(apollos))[1]["data"] == {"viewer": {"id": owner.user_id}}

    payload = await admin.do(RETIRE, input={"id": operation, "reason": "Old till.", "evenIfUsed": True})

    assert payload["operation"] == {"state": "RETIRED"}
    assert codes((await program.send({"documentId": id_of(ME)}))[1]) == [NOT_FOUND]
    await refused_soon(elsewhere, id_of(ME))
    assert codes((await elsewhere.send({"query": ME}))[1]) == [NOT_FOUND]


async def test_a_merchants_text_is_refused_over_every_transport(
    market: Market, admin: Caller, owner: Caller, program: Program
) -> None:
    await register(admin, owner, ME, WATCH)
    texts = (
        "{ viewer { id } }",
        f"{ME} ",
        "{ __schema { queryType { name } } }",
        "subscription { userEvents { __typename } }",
    )

    for text in texts:
        assert codes((await program.send({"query": text}))[1]) == [NOT_FOUND]
        status, events = await program.send({"query": text}, accept="text/event-stream")
        assert (status, NOT_FOUND in events, "viewer" in events) == (200, True, False)
    async with program.at(market.urls["b"]).socket() as socket:
        for text in texts:
            answer = await (await socket.listen(text)).next()
            assert codes(answer) == [NOT_FOUND]
        listening = await socket.ask({"documentId": id_of(WATCH)})
        assert (await listening.next())["user"] == {"id": owner.user_id}
        allowed = await socket.listen(ME)
        assert (await allowed.items.get())["data"] == {"viewer": {"id": owner.user_id}}  # type: ignore[index]


async def test_a_merchants_get_is_of_registered_queries_only(
    market: Market, admin: Caller, owner: Caller, program: Program
) -> None:
    await register(admin, owner, ME, PAY)
    elsewhere = program.at(market.urls["b"])

    for each in (program, elsewhere):
        assert (await each.get(documentId=id_of(ME)))[1]["data"] == {"viewer": {"id": owner.user_id}}
        assert codes((await each.get(query="{ viewer { id } }"))[1]) == [NOT_FOUND]
        assert codes((await each.get(documentId=id_of(CATEGORIES)))[1]) == [NOT_FOUND]
        status, answer = await each.get(documentId=id_of(PAY), variables="{}")
        assert (status, "data" in answer) == (405, False)


async def test_a_retired_querys_remembered_answer_is_forgotten_with_it(
    market: Market, admin: Caller, customer: Caller
) -> None:
    payload = await admin.do(REGISTER, input={"manifest": apollo(CATEGORIES)})
    address = f"{market.urls['b']}/graphql?documentId={id_of(CATEGORIES)}"

    async def asked() -> Any:
        async with customer.http.get(address) as response:
            return await response.json()

    assert [len((await asked())["data"]["categories"]) > 0 for _ in range(3)] == [True] * 3
    id_ = payload["operations"][0]["id"]
    await admin.do(RETIRE, input={"id": id_, "reason": "Old app.", "evenIfUsed": True})

    deadline = time.monotonic() + AT_ONCE_SECONDS
    while "data" in (answer := await asked()):
        assert time.monotonic() < deadline, "it is still told"
        await asyncio.sleep(0.02)
    assert codes(answer) == [NOT_FOUND]


async def test_a_text_that_is_refused_does_nothing(
    market: Market, http: aiohttp.ClientSession, admin: Caller, customer: Caller
) -> None:
    till = await make_program(admin, market.demo(http, "merchant"), kind=MERCHANT)
    friend = await come_in(market, http)
    merchant = market.demo(http, "merchant")
    command = {
        "fromWalletId": merchant.wallets["KES"],
        "recipientId": friend.user_id,
        "amount": {"amount": "1.00", "asset": "KES"},
        "idempotencyKey": "till-1",
    }

    refused = (await till.send({"query": PAY, "variables": {"input": command}}))[1]
    await register(admin, merchant, PAY)
    done = (await till.send({"documentId": id_of(PAY), "variables": {"input": command}}))[1]

    assert codes(refused) == [NOT_FOUND]
    assert done["data"]["transferCreate"]["errors"] == []
    lines = "query($id: ID!) { wallet(id: $id) { transactions(first: 5) { nodes { reference } } } }"
    assert len((await friend.run(lines, id=friend.wallets["KES"]))["transactions"]["nodes"]) == 1


async def test_one_merchants_operations_are_not_anothers(
    market: Market, http: aiohttp.ClientSession, admin: Caller, owner: Caller, program: Program
) -> None:
    other = await make_program(admin, market.demo(http, "merchant"), kind=MERCHANT)
    await register(admin, owner, ME)

    assert "data" in (await program.send({"documentId": id_of(ME)}))[1]
    assert codes((await other.send({"documentId": id_of(ME)}))[1]) == [NOT_FOUND]
    assert codes((await other.send({"query": ME}))[1]) == [NOT_FOUND]


async def test_what_everybody_trusts_is_not_a_merchants_until_it_is_registered(
    market: Market, admin: Caller, customer: Caller, program: Program
) -> None:
    text = trusted_documents()[0]
    by_customer = await customer.http.post(
        f"{customer.url}/graphql",
        data=json.dumps({"documentId": id_of(text)}),
        headers={"Content-Type": "application/json"},
    )

    assert NOT_FOUND not in await by_customer.text()
    assert codes((await program.send({"documentId": id_of(text)}))[1]) == [NOT_FOUND]


async def test_it_is_so_without_relay_and_redis_too(
    market: Market, admin: Caller, owner: Caller, program: Program
) -> None:
    elsewhere = program.at(market.urls["b"])
    market.kill("relay")
    await market.kill_redis()
    try:
        [operation] = await register(admin, owner, ANSWER)
        assert "data" in (await elsewhere.send({"documentId": id_of(ANSWER)}))[1]

        await admin.do(RETIRE, input={"id": operation, "reason": "Old till.", "evenIfUsed": True})

        await refused_soon(elsewhere, id_of(ANSWER))
    finally:
        await market.start_redis()
        market.start("relay", "relay")
        for name in market.urls:
            await market.until_ready(name)
