"""A socket lives as long as the newest token of its person."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import aiohttp

from app.config import Settings
from app.wiring import wired
from integrations.jwt.token_issuer import JwtIssuer
from integrations.jwt.token_verifier import JwtVerifier
from tests.flows.client import Caller, Listening, Socket
from tests.flows.documents import SESSION_REFRESH, TRANSFER_CREATE, WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in, sign_in

REAUTHENTICATE = """
mutation($input: ConnectionReauthenticateInput!) { connectionReauthenticate(input: $input) {
  expiresAt errors { __typename code reason message } } }
"""


async def reauthenticate(socket: Socket, token: str) -> dict[str, object]:
    """The payload of the mutation, sent over the socket."""
    answering: Listening = await socket.listen(REAUTHENTICATE, input={"token": token})
    item = await asyncio.wait_for(answering.items.get(), 10)
    assert isinstance(item, dict), item
    payload: dict[str, object] = item["data"]["connectionReauthenticate"]
    return payload


async def ending_in(seconds: int, market: Market, token: str) -> str:
    """A token that says the same as another one and ends soon, signed with the market's own key."""
    settings = Settings(database_url=market.database_url, redis_url=market.valkey.url, data_dir=market.folder)
    async with wired(settings, application_name="tests") as wiring:
        claims = await JwtVerifier(wiring.keys, clock=wiring.clock).verify(token)
        soon = wiring.clock.now() + timedelta(seconds=seconds)
        return await JwtIssuer(wiring.keys).issue(replace(claims, expires_at=soon))


async def test_a_newer_token_keeps_the_socket_and_its_streams_and_the_last_one_ends_them(
    market: Market, http: aiohttp.ClientSession, customer: Caller
) -> None:
    entered = await sign_in(market, Caller(http, market.urls["a"]), "lasting@flows.sokoni.example")
    person = Caller(http, market.urls["b"], entered["accessToken"], entered["user"]["id"])
    wallets = (await person.run("{ viewer { wallets { id asset } } }"))["wallets"]
    wallet_id = next(wallet["id"] for wallet in wallets if wallet["asset"] == "KES")
    short = replace(person, token=await ending_in(4, market, entered["accessToken"]))
    refresh = {"refreshToken": entered["refreshToken"], "deviceId": "a-device-of-the-tests"}
    refreshed = await person.do(SESSION_REFRESH, input=refresh)

    async with short.socket() as socket:
        listening = await socket.listen(WALLET_EVENTS, id=wallet_id)
        assert (await listening.next())["__typename"] == "WalletSnapshot"
        payload = await reauthenticate(socket, refreshed["accessToken"])
        assert payload["errors"] == []
        lasts = datetime.fromisoformat(str(payload["expiresAt"])) - datetime.now(UTC)
        assert timedelta(minutes=10) < lasts < timedelta(minutes=16)
        await asyncio.sleep(5)
        assert not socket.closed.done()
        pay = {
            "fromWalletId": customer.wallets["KES"],
            "recipientId": person.user_id,
            "amount": {"amount": "1.00", "asset": "KES"},
            "idempotencyKey": "lasting-1",
        }
        await customer.do(TRANSFER_CREATE, input=pay)
        assert (await listening.next())["__typename"] == "WalletUpdated"

        payload = await reauthenticate(socket, await ending_in(2, market, refreshed["accessToken"]))

        closed = await asyncio.wait_for(socket.closed, 10)
        assert payload["errors"] == []
        assert (closed.code, closed.reason) == (4403, "token expired")


async def test_a_token_that_is_worth_nothing_or_somebody_elses_is_refused_and_changes_nothing(
    market: Market, http: aiohttp.ClientSession, customer: Caller
) -> None:
    person = await come_in(market, http)
    assert customer.token is not None

    async with person.socket() as socket:
        listening = await socket.listen(WALLET_EVENTS, id=person.wallets["KES"])
        await listening.next()
        damaged, foreign = await reauthenticate(socket, "no token"), await reauthenticate(socket, customer.token)

        assert not socket.closed.done()
        viewing = await socket.listen("{ viewer { id } }")
        answered = await asyncio.wait_for(viewing.items.get(), 10)
        assert isinstance(answered, dict)
        assert answered["data"]["viewer"]["id"] == person.user_id

    reasons = [[error["reason"] for error in payload["errors"]] for payload in (damaged, foreign)]  # type: ignore[attr-defined]  # lists of JSON
    assert reasons == [["TOKEN_INVALID"], ["TOKEN_OF_ANOTHER"]]
    assert damaged["expiresAt"] is foreign["expiresAt"] is None


async def test_only_a_socket_can_be_reauthenticated(market: Market, http: aiohttp.ClientSession) -> None:
    person = await come_in(market, http)

    payload = await person.run(REAUTHENTICATE, input={"token": person.token})

    assert [(error["__typename"], error["reason"]) for error in payload["errors"]] == [
        ("ConflictError", "NO_CONNECTION")
    ]
