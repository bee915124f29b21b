"""Programs that sign their requests, at two processes: let in everywhere, shut out everywhere at once."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller, SocketClosed
from tests.flows.documents import ROLE_GRANT, USER_BLOCK, USER_EVENTS, VIEWER, WALLET, WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.programs import API_KEY_REVOKE, Program, make_program

AT_ONCE_SECONDS = 3.0
TRANSFER = """
mutation($input: TransferCreateInput!) { transferCreate(input: $input) {
  transfer { reference } errors { __typename reason } } }
"""


@pytest.fixture
async def owner(market: Market, http: aiohttp.ClientSession) -> Caller:
    """Somebody new, whom a test may block."""
    return await come_in(market, http)


@pytest.fixture
async def program(admin: Caller, owner: Caller) -> Program:
    """A developer's program of theirs, at the process `a`."""
    return await make_program(admin, owner)


def reason_of(answer: Any) -> str:
    extensions = answer["errors"][0]["extensions"]
    assert extensions["code"] == "AUTHENTICATION_ERROR"
    assert extensions["requestId"]
    return str(extensions["reason"])


async def test_a_program_acts_for_its_owner_over_every_transport(
    market: Market, owner: Caller, program: Program
) -> None:
    wallet = owner.wallets["KES"]
    elsewhere = program.at(market.urls["b"])

    assert (await elsewhere.ask(VIEWER))["data"]["viewer"]["id"] == owner.user_id
    async with elsewhere.socket() as socket:
        listening = await socket.listen(WALLET_EVENTS, id=wallet)
        assert (await listening.next())["__typename"] == "WalletSnapshot"
    status, events = await program.send({"query": "{ viewer { id } }"}, accept="text/event-stream")
    assert (status, owner.user_id in events) == (200, True)


async def test_what_was_not_signed_so_is_refused_and_nothing_happens(
    market: Market, http: aiohttp.ClientSession, admin: Caller, customer: Caller
) -> None:
    program = await make_program(admin, customer, networks=("127.0.0.0/8",))
    away = await make_program(admin, customer, networks=("203.0.113.0/24",))
    before = await customer.run(WALLET, id=customer.wallets["KES"])
    friend = await come_in(market, http)
    asked = payment(customer, friend, "signed-1")
    other = program.credential("POST", "/graphql", json.dumps(payment(customer, friend, "signed-2")).encode())
    elsewhere = program.credential("POST", "/elsewhere", json.dumps(asked).encode())
    late, early = (Program(http, program.url, program.key, program.secret, ms) for ms in (-301_000, 301_000))
    wrong = Program(http, program.url, program.key, program.secret + "x")

    refused = [
        await program.send(asked, credential=other),
        await program.send(asked, credential=elsewhere),
        await wrong.send(asked),
        await late.send(asked),
        await early.send(asked),
        await away.send(asked),
    ]

    assert [status for status, _ in refused] == [401] * 6
    assert [reason_of(answer) for _, answer in refused] == [
        *["SIGNATURE_INVALID"] * 3,
        *["SIGNATURE_EXPIRED"] * 2,
        "ADDRESS_NOT_ALLOWED",
    ]
    assert await customer.run(WALLET, id=customer.wallets["KES"]) == before
    for kept_out in (wrong, late, away):
        with pytest.raises(SocketClosed) as closed:
            async with kept_out.socket():
                pass
        assert closed.value.code == 4403


async def test_a_command_is_taken_once_whatever_became_of_it(
    market: Market, http: aiohttp.ClientSession, admin: Caller, customer: Caller
) -> None:
    program = await make_program(admin, customer)
    elsewhere = program.at(market.urls["b"])
    friend = await come_in(market, http)
    done, refused = payment(customer, friend, "once-1"), payment(customer, friend, "once-2", amount="99999999.00")
    credentials = [program.credential("POST", "/graphql", json.dumps(asked).encode()) for asked in (done, refused)]

    first = [await program.send(asked, credential=it) for asked, it in zip((done, refused), credentials, strict=True)]
    again = [await elsewhere.send(asked, credential=it) for asked, it in zip((done, refused), credentials, strict=True)]

    assert first[0][1]["data"]["transferCreate"]["errors"] == []
    assert first[1][1]["data"]["transferCreate"]["errors"][0]["__typename"] == "InsufficientFundsError"
    for status, answer in again:
        assert status == 200
        assert answer["data"]["transferCreate"] == {
            "transfer": None,
            "errors": [{"__typename": "AuthenticationError", "reason": "SIGNATURE_REPLAYED"}],
        }
    lines = (await friend.run(WALLET, id=friend.wallets["KES"]))["transactions"]["nodes"]
    assert len(lines) == 1


async def test_a_query_may_come_again_and_two_commands_of_one_document_go_together(program: Program) -> None:
    query = {"query": "{ viewer { id } }"}
    credential = program.credential("POST", "/graphql", json.dumps(query).encode())
    answers = [await program.send(query, credential=credential) for _ in range(2)]
    missing = "lst_00000000000000000000000000"
    one = f'listingFlag(input: {{listingId: "{missing}", reason: SCAM}}) {{ errors {{ __typename reason }} }}'

    both = await program.ask(f"mutation {{ a: {one} b: {one} }}")

    assert [status for status, _ in answers] == [200, 200]
    assert [both["data"][name]["errors"][0]["__typename"] for name in "ab"] == ["NotFoundError"] * 2


async def test_a_subscription_by_an_event_stream_is_taken_once(market: Market, program: Program) -> None:
    asked = {"query": USER_EVENTS}
    credential = program.credential("POST", "/graphql", json.dumps(asked).encode())
    with pytest.raises(TimeoutError):  # it goes on until the client leaves
        async with asyncio.timeout(1):
            await program.send(asked, credential=credential, accept="text/event-stream")

    status, events = await program.at(market.urls["b"]).send(asked, credential=credential, accept="text/event-stream")

    assert (status, "SIGNATURE_REPLAYED" in events, "UserSnapshot" in events) == (200, True, False)


async def test_the_opening_of_a_socket_is_taken_once(market: Market, program: Program) -> None:
    credential = program.credential("GET", "/graphql", b"")
    async with program.socket(credential=credential):
        pass

    with pytest.raises(SocketClosed) as closed:
        async with program.at(market.urls["b"]).socket(credential=credential):
            pass

    assert closed.value.code == 4403
    assert "used before" in closed.value.reason


async def test_a_revoked_key_is_out_at_once_everywhere(market: Market, owner: Caller, program: Program) -> None:
    elsewhere = program.at(market.urls["b"])
    async with elsewhere.socket() as socket:
        assert (await (await socket.listen(USER_EVENTS)).next())["__typename"] == "UserSnapshot"
        stream = asyncio.create_task(elsewhere.send({"query": USER_EVENTS}, accept="text/event-stream"))
        await asyncio.sleep(0.3)

        payload = await owner.do(API_KEY_REVOKE, input={"id": program.key, "reason": "Lost the laptop."})

        refused = [await each.send({"query": VIEWER}) for each in (program, elsewhere)]
        assert [(status, reason_of(answer)) for status, answer in refused] == [(401, "API_KEY_REVOKED")] * 2
        closed = await asyncio.wait_for(socket.closed, AT_ONCE_SECONDS)
        assert (closed.code, "key revoked" in closed.reason) == (4403, True)
        status, events = await asyncio.wait_for(stream, AT_ONCE_SECONDS)
        assert (status, "AUTHENTICATION_ERROR" in events, events.rstrip().endswith("event: complete\ndata:")) == (
            200,
            True,
            True,
        )
    assert payload["apiKey"]["revokedAt"]


async def test_a_blocked_owners_programs_are_out_too(
    market: Market, admin: Caller, owner: Caller, program: Program
) -> None:
    elsewhere = program.at(market.urls["b"])
    async with elsewhere.socket() as socket:
        await admin.do(USER_BLOCK, input={"userId": owner.user_id, "reason": "Sold what was not theirs."})

        assert (await asyncio.wait_for(socket.closed, AT_ONCE_SECONDS)).code == 4403
    status, answer = await elsewhere.send({"query": VIEWER})
    assert (status, reason_of(answer)) == (401, "USER_BLOCKED")


async def test_what_staff_may_do_no_program_may(market: Market, admin: Caller, owner: Caller) -> None:
    await admin.do(ROLE_GRANT, input={"userId": owner.user_id, "role": "MODERATOR", "reason": "New on the team."})
    program = await make_program(admin, owner)

    answer = await program.ask("{ moderationQueue(first: 1) { nextCursor } }")

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"


async def test_last_use_shows_without_a_write_for_each_request(owner: Caller, program: Program) -> None:
    await program.ask(VIEWER)
    deadline = time.monotonic() + 15

    while (used := (await owner.run("{ apiKeys { nodes { lastUsedAt } } }"))["nodes"][0]["lastUsedAt"]) is None:
        assert time.monotonic() < deadline, "nobody wrote it down"
        await asyncio.sleep(0.5)

    assert used is not None


def payment(sender: Caller, friend: Caller, key: str, *, amount: str = "1.00") -> dict[str, Any]:
    command = {
        "fromWalletId": sender.wallets["KES"],
        "recipientId": friend.user_id,
        "amount": {"amount": amount, "asset": "KES"},
        "idempotencyKey": key,
    }
    return {"query": TRANSFER, "variables": {"input": command}}
