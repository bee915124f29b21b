"""Access that ends is over at once, at every process and on every socket."""

from __future__ import annotations

import asyncio
import time

import aiohttp
import pytest

from tests.flows.client import Caller, SocketClosed
from tests.flows.documents import (
    OTP_SEND,
    OTP_VERIFY,
    ROLE_GRANT,
    ROLE_REVOKE,
    SESSION_REVOKE_ALL,
    USER_BLOCK,
    USER_EVENTS,
    USER_UNBLOCK,
    VIEWER,
)
from tests.flows.market import Market
from tests.flows.people import code_for, come_in, sign_in, texts_to

AT_ONCE_SECONDS = 3.0


async def refused_everywhere(market: Market, person: Caller) -> None:
    """Within the time every process refuses the token, and goes on refusing it."""
    for url in market.urls.values():
        deadline = time.monotonic() + AT_ONCE_SECONDS
        while "data" in (answer := await person.at(url).ask(VIEWER)):
            assert time.monotonic() < deadline, "the token still works"
            await asyncio.sleep(0.02)
        assert answer["errors"][0]["extensions"]["code"] == "AUTHENTICATION_ERROR"


async def test_a_blocked_person_is_told_closed_and_refused_until_the_block_is_lifted(
    market: Market, http: aiohttp.ClientSession, admin: Caller
) -> None:
    address = "blocked@flows.sokoni.example"
    nobody = Caller(http, market.urls["a"])
    first = await sign_in(market, nobody, address)
    person = Caller(http, market.urls["b"], first["accessToken"], first["user"]["id"])
    async with person.socket() as socket:
        listening = await socket.listen(USER_EVENTS)
        assert (await listening.next())["user"] == {"id": person.user_id}

        await admin.do(USER_BLOCK, input={"userId": person.user_id, "reason": "Sold what was not theirs."})

        heard = await listening.next(within_seconds=AT_ONCE_SECONDS)
        assert heard["__typename"] == "UserBlocked"
        assert (heard["type"], heard["reason"]) == ("user.blocked", "Sold what was not theirs.")
        closed = await asyncio.wait_for(socket.closed, AT_ONCE_SECONDS)
        assert closed.code == 4403
        assert "blocked" in closed.reason
    await refused_everywhere(market, person)
    with pytest.raises(SocketClosed) as refused:
        async with person.socket():
            pass
    assert refused.value.code == 4403

    sent = len(texts_to(market, address))
    await nobody.do(OTP_SEND, input={"address": address})
    code = await code_for(market, address, after=sent)
    proof = {"address": address, "code": code, "device": {"id": "a-device-of-the-tests"}}
    kept_out = await nobody.run(OTP_VERIFY, input=proof)
    assert [error["reason"] for error in kept_out["errors"]] == ["USER_BLOCKED"]
    assert kept_out["accessToken"] is None

    await admin.do(USER_UNBLOCK, input={"userId": person.user_id, "reason": "It was a mistake."})
    again = await sign_in(market, nobody, address)
    assert (await Caller(http, market.urls["b"], again["accessToken"]).run(VIEWER))["id"] == person.user_id


async def test_ending_all_sessions_closes_their_sockets(market: Market, http: aiohttp.ClientSession) -> None:
    person = await come_in(market, http)
    async with person.at(market.urls["b"]).socket() as socket:
        await person.do(SESSION_REVOKE_ALL)

        assert (await asyncio.wait_for(socket.closed, AT_ONCE_SECONDS)).code == 4403
    await refused_everywhere(market, person)


async def test_a_revoked_role_is_gone_at_once(market: Market, http: aiohttp.ClientSession, admin: Caller) -> None:
    address = "helper@flows.sokoni.example"
    nobody = Caller(http, market.urls["a"])
    plain = await sign_in(market, nobody, address)
    user_id = plain["user"]["id"]
    await admin.do(ROLE_GRANT, input={"userId": user_id, "role": "MODERATOR", "reason": "New on the team."})
    helper = Caller(http, market.urls["b"], (await sign_in(market, nobody, address))["accessToken"], user_id)
    queue = "{ moderationQueue(first: 1) { nextCursor } }"
    assert "errors" not in await helper.ask(queue)
    async with helper.socket() as socket:
        await admin.do(ROLE_REVOKE, input={"userId": user_id, "role": "MODERATOR", "reason": "Left the team."})

        assert (await asyncio.wait_for(socket.closed, AT_ONCE_SECONDS)).code == 4403
    await refused_everywhere(market, helper)


async def test_access_ends_also_while_relay_and_redis_are_away(
    market: Market, http: aiohttp.ClientSession, admin: Caller
) -> None:
    person = await come_in(market, http)
    async with person.at(market.urls["b"]).socket() as socket:
        market.kill("relay")
        await market.kill_redis()
        try:
            await admin.do(USER_BLOCK, input={"userId": person.user_id, "reason": "Now, not later."})

            assert (await asyncio.wait_for(socket.closed, AT_ONCE_SECONDS)).code == 4403
            await refused_everywhere(market, person)
        finally:
            await market.start_redis()
            market.start("relay", "relay")
            for name in market.urls:
                await market.until_ready(name)
