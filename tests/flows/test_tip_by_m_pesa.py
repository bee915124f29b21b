"""A guest reads a card and tips by M-Pesa over HTTP; guest and worker hear it live at another process."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller, Listening
from tests.flows.documents import WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.phones import PHONES, behave, prompted

REGISTER = """
mutation($input: WorkerRegisterInput!) { workerRegister(input: $input) { worker { id } errors { message } } }
"""
CARD = 'mutation { tipQrCreate(input: {spot: "Table 7"}) { qr { uri } errors { message } } }'
GIVE = """
mutation($input: TipGiveInput!) { tipGive(input: $input) {
  tip { id state payment { id state mpesa { phone } } } errors { message reason } } }
"""
TIP = "query($id: ID!) { tip(id: $id) { state failure payment { state } } }"
TIP_EVENTS = """
subscription($id: ID) { tipEvents(tipId: $id) {
  __typename
  ... on TipsSnapshot { worker { name } }
  ... on TipSnapshot { tip { state } }
  ... on TipUpdated { type state failure }
  ... on TipGiven { type amount { amount } note } } }
"""
PLACE = {"latitude": -1.286389, "longitude": 36.817223}
PROFILE = {"name": "Otieno", "trade": "Waiter", "placeName": "Java House", "place": PLACE}


@pytest.fixture
async def guest(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


@pytest.fixture
async def worker(market: Market, http: aiohttp.ClientSession) -> Caller:
    person = await come_in(market, http)
    await person.do(REGISTER, input=PROFILE)
    return person


async def give(guest: Caller, worker: Caller, phone: int) -> Any:
    card = (await worker.do(CARD))["qr"]["uri"]
    amount = {"amount": "50", "asset": "KES"}
    given = {"token": card, "amount": amount, "note": "Asante", "rail": "MPESA", "phone": f"+{phone}"}
    return (await guest.do(GIVE, input=given | {"idempotencyKey": str(phone)}))["tip"]


async def states_until(listening: Listening, last: str) -> list[str]:
    """The states that one tip takes from the snapshot on."""
    heard = [(await listening.next())["tip"]["state"]]
    while heard[-1] != last:
        heard.append((await listening.next())["state"])
    return heard


async def test_from_the_card_to_the_workers_wallet_heard_live(
    market: Market, http: aiohttp.ClientSession, guest: Caller, worker: Caller
) -> None:
    phone = next(PHONES)
    await behave(market, http, after_seconds=1.0)
    tip = await give(guest, worker, phone)
    async with guest.at(market.urls["b"]).socket() as giving, worker.at(market.urls["b"]).socket() as working:
        states = await giving.listen(TIP_EVENTS, id=tip["id"])
        tips = await working.listen(TIP_EVENTS)
        wallet = await working.listen(WALLET_EVENTS, id=worker.wallets["KES"])
        assert (await tips.next())["worker"] == {"name": "Otieno"}
        assert (await wallet.next())["wallet"]["available"] == {"amount": "0.00"}
        early = await (await working.listen(TIP_EVENTS, id=tip["id"])).next()

        heard = await states_until(states, "PAID")
        given, credited = await tips.next(), await wallet.next()

    assert (tip["state"], tip["payment"]["state"]) == ("CREATED", "REQUESTED")
    assert early["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert heard[-2:] == ["STK_SENT", "PAID"]
    assert (given["type"], given["amount"], given["note"]) == ("tip.given", {"amount": "50.00"}, "Asante")
    assert credited["wallet"]["available"] == {"amount": "50.00"}
    assert (await prompted(market, http, phone))["amount"] == 50
    assert await worker.run(TIP, id=tip["id"]) == {"state": "PAID", "failure": None, "payment": None}
    assert (await guest.run(TIP, id=tip["id"]))["payment"] == {"state": "PAID"}


async def test_a_wrong_pin_ends_the_tip_and_says_so(
    market: Market, http: aiohttp.ClientSession, guest: Caller, worker: Caller
) -> None:
    phone = next(PHONES)
    await behave(market, http, code="2001", after_seconds=0.5)
    tip = await give(guest, worker, phone)
    async with guest.socket() as giving:
        states = await giving.listen(TIP_EVENTS, id=tip["id"])

        heard = await states_until(states, "FAILED")

    assert heard[-1] == "FAILED"
    assert (await guest.run(TIP, id=tip["id"]))["failure"] == "2001: The M-Pesa PIN was wrong."
    refused = await worker.ask(TIP, id=tip["id"])
    assert refused["errors"][0]["extensions"]["code"] == "NOT_FOUND"
