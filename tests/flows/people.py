"""People who sign in as people do: a passcode is sent, read from the messenger, and shown."""

from __future__ import annotations

import asyncio
import itertools
import re
from typing import Any

import aiohttp

from tests.flows.client import Caller
from tests.flows.documents import ADJUSTMENT_CREATE, OTP_SEND, OTP_VERIFY, VIEWER
from tests.flows.market import Market

PATIENCE_SECONDS = 10.0
NAMES = itertools.count(1)


async def come_in(market: Market, http: aiohttp.ClientSession, *, api: str = "a") -> Caller:
    """Somebody new, signed in."""
    address = f"person{next(NAMES)}.{id(http)}@flows.sokoni.example"
    caller = Caller(http, market.urls[api])
    payload = await sign_in(market, caller, address)
    known = Caller(http, market.urls[api], payload["accessToken"], payload["user"]["id"])
    viewer = await known.run(VIEWER)
    known.wallets = {wallet["asset"]: wallet["id"] for wallet in viewer["wallets"]}
    return known


async def fund(finance: Caller, somebody: Caller, amount: str) -> None:
    """Shillings of the market's own: what the demo people have is soon spent by so many."""
    given = {"walletId": somebody.wallets["KES"], "amount": {"amount": amount, "asset": "KES"}, "reason": "A flow"}
    await finance.do(ADJUSTMENT_CREATE, input={**given, "idempotencyKey": f"fund-{somebody.user_id}"})


async def sign_in(market: Market, caller: Caller, address: str, *, device: str = "a-device-of-the-tests") -> Any:
    """The payload of a sign-in that was let in."""
    sent = len(texts_to(market, address))
    await caller.do(OTP_SEND, input={"address": address})
    code = await code_for(market, address, after=sent)
    return await caller.do(OTP_VERIFY, input={"address": address, "code": code, "device": {"id": device}})


def texts_to(market: Market, address: str) -> list[str]:
    """What the messenger has sent to an address, oldest first."""
    return [message["text"] for message in market.messages() if message["address"] == address]


async def code_for(market: Market, address: str, *, after: int) -> str:
    """The digits of the message that follows the first `after`, once the worker has sent it."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(texts := texts_to(market, address)) <= after:  # noqa: ASYNC110  # another process writes the file
            await asyncio.sleep(0.02)
    digits = re.search(r"\b\d{6}\b", texts[after])
    assert digits is not None, texts
    return digits.group()
