"""Payouts by bank: finance exports a file, takes it to the bank, and nobody is paid by a second one."""

from __future__ import annotations

import asyncio
import hashlib
import time
from typing import Any

import aiohttp

from tests.flows.client import PATIENCE_SECONDS, Caller
from tests.flows.documents import TRANSFER_CREATE
from tests.flows.market import Market
from tests.flows.people import come_in
from tests.flows.shops import ERRORS
from tests.flows.test_money_out import APPROVE, KES_WALLET, PAYOUT, PAYOUT_EVENTS, PIN_SET, PIN_VERIFY

FILE = f"""
mutation($input: BankFileCreateInput!) {{ bankFileCreate(input: $input) {{
  file {{ id paymentsCount sha256 state }} {ERRORS} }} }}
"""
STORED = "query($id: ID!) { bankFile(id: $id) { state sha256 link } }"
INSIDE = "query($id: ID!) { bankFilePayouts(fileId: $id, first: 50) { nodes { id state destination } } }"


async def held(market: Market, http: aiohttp.ClientSession, customer: Caller) -> tuple[Caller, str]:
    """Somebody new with a thousand shillings, a hundred of which are asked for by bank."""
    payee = await come_in(market, http)
    given: dict[str, Any] = {
        "fromWalletId": customer.wallets["KES"],
        "recipientId": payee.user_id,
        "amount": {"amount": "1000.00", "asset": "KES"},
        "idempotencyKey": f"gift-{payee.user_id}",
    }
    await customer.do(TRANSFER_CREATE, input=given)
    await payee.do(PIN_SET)
    await payee.do(PIN_VERIFY)
    given = {
        "amount": {"amount": "100.00", "asset": "KES"},
        "rail": "BANK_TRANSFER",
        "destination": "EQBLKENA 0100765432 Amina Otieno",
        "idempotencyKey": "out",
    }
    return payee, (await payee.do(PAYOUT, input=given))["payout"]["id"]


async def file_of(finance: Caller, payout: str) -> dict[str, Any]:
    """Approve it and export what waits."""
    await finance.do(APPROVE, input={"payoutId": payout, "idempotencyKey": payout})
    made: dict[str, Any] = await finance.do(FILE, input={"asset": "KES", "idempotencyKey": f"file-{payout}"})
    again = await finance.do(FILE, input={"asset": "KES", "idempotencyKey": f"file-{payout}"})
    assert again == made
    file: dict[str, Any] = made["file"]
    return file


async def until_stored(finance: Caller, file_id: str) -> dict[str, Any]:
    """The file, as soon as its link reads it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        file: dict[str, Any] = await finance.run(STORED, id=file_id)
        if file["state"] == "STORED":
            return file
        await asyncio.sleep(0.05)
    raise AssertionError("it was not stored")


async def test_an_approved_payout_leaves_in_one_file_that_the_bank_can_be_given(
    market: Market, http: aiohttp.ClientSession, customer: Caller, finance: Caller
) -> None:
    payee, payout = await held(market, http, customer)
    async with payee.at(market.urls["b"]).socket() as socket:
        states = await socket.listen(PAYOUT_EVENTS, id=payout)
        assert (await states.next())["payout"] == {"state": "HELD"}
        file = await file_of(finance, payout)
        assert [(await states.next())["state"] for _ in range(2)] == ["APPROVED", "SENDING"]

    elsewhere = finance.at(market.urls["b"])
    stored = await until_stored(elsewhere, file["id"])
    async with http.get(f"{elsewhere.url}{stored['link']}") as response:
        content = await response.read()
        assert (response.status, response.content_type) == (200, "application/xml")
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert f"<EndToEndId>{payout}</EndToEndId>" in content.decode()
    inside = (await elsewhere.run(INSIDE, id=file["id"]))["nodes"]
    assert {"id": payout, "state": "SENDING", "destination": "EQBLKENA 0100765432 Amina Otieno"} in inside
    refused = await finance.run(FILE, input={"asset": "KES", "idempotencyKey": f"more-{payout}"})
    assert [error["reason"] for error in refused["errors"]] == ["NOTHING_TO_EXPORT"]
    wallet = await payee.run(KES_WALLET, id=payee.wallets["KES"])
    assert (wallet["balance"], wallet["held"]) == ({"amount": "1000.00"}, {"amount": "100.00"})
