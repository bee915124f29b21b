"""Payouts by bank: finance exports a file, takes it to the bank, and nobody is paid by a second one."""

from __future__ import annotations

import asyncio
import hashlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest

from tests.flows.client import PATIENCE_SECONDS, Caller
from tests.flows.market import Market
from tests.flows.people import come_in, fund
from tests.flows.shops import ERRORS
from tests.flows.test_money_out import APPROVE, KES_WALLET, PAYOUT, PAYOUT_EVENTS, PIN_SET, PIN_VERIFY
from tests.makers.mpesa_statements import changed, mpesa_csv, paid_row
from tests.makers.statements import DAY, csv_of

FILE = f"""
mutation($input: BankFileCreateInput!) {{ bankFileCreate(input: $input) {{
  file {{ id paymentsCount sha256 state }} {ERRORS} }} }}
"""
SUBMIT = """
mutation($input: PayoutStatementSubmitInput!) { payoutStatementSubmit(input: $input) {
  statement { id linesCount rail submittedBy { id } } errors { __typename message path reason } } }
"""
LINES = "query($id: ID!) { payoutStatementLines(statementId: $id) { nodes { payoutId state bookedOn number } } }"
COMPARE = f"""
mutation($input: ReconciliationCompareInput!) {{ reconciliationCompare(input: $input) {{ run {{ id day }} {ERRORS} }} }}
"""
FOUND = "query($id: ID!) { payoutDiscrepancies(runId: $id, first: 50) { nodes { id kind number actions } } }"
RESOLVE = f"""
mutation($input: ReconciliationResolveInput!) {{ reconciliationResolve(input: $input) {{
  discrepancy {{ state action }} {ERRORS} }} }}
"""
STORED = "query($id: ID!) { bankFile(id: $id) { state sha256 link } }"
INSIDE = "query($id: ID!) { bankFilePayouts(fileId: $id, first: 50) { nodes { id state destination } } }"


async def held(market: Market, http: aiohttp.ClientSession, finance: Caller) -> tuple[Caller, str]:
    """Somebody new with a thousand shillings, a hundred of which are asked for by bank."""
    payee = await come_in(market, http)
    await fund(finance, payee, "1000.00")
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
    market: Market, http: aiohttp.ClientSession, finance: Caller
) -> None:
    payee, payout = await held(market, http, finance)
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


async def test_the_banks_statement_ends_payouts_once_and_both_sides_hear(
    market: Market, http: aiohttp.ClientSession, finance: Caller
) -> None:
    (first, paid), (second, refused) = [await held(market, http, finance) for _ in range(2)]
    for payout in (paid, refused):
        await file_of(finance, payout)
    number = f"FT-{paid[-8:]}"
    table = csv_of(
        (paid, number, "100.00", "KES", DAY, "PAID", ""),
        (refused, "", "100.00", "KES", DAY, "REFUSED", "no such account"),
    ).encode()

    async with first.socket() as mine, second.at(market.urls["b"]).socket() as theirs:
        streams = [await mine.listen(PAYOUT_EVENTS, id=paid), await theirs.listen(PAYOUT_EVENTS, id=refused)]
        assert [(await stream.next())["payout"] for stream in streams] == [{"state": "SENDING"}] * 2
        told = [
            await one.send_file(SUBMIT, table, filename="today.csv") for one in (finance, finance.at(market.urls["b"]))
        ]
        ended = [await stream.next() for stream in streams]
    assert told[0] == told[1]
    assert [(one["state"], one["receiptNumber"], one["failure"]) for one in ended] == [
        ("PAID", number.upper(), None),
        ("FAILED", None, "no such account"),
    ]
    lines = (await finance.run(LINES, id=told[0]["statement"]["id"]))["nodes"]
    assert [(line["payoutId"], line["state"], line["bookedOn"]) for line in lines] == [
        (paid, "SETTLED", DAY),
        (refused, "FAILED", DAY),
    ]
    after = [await one.run(KES_WALLET, id=one.wallets["KES"]) for one in (first, second)]
    assert [(one["balance"]["amount"], one["held"]["amount"]) for one in after] == [
        ("900.00", "0.00"),
        ("1000.00", "0.00"),
    ]


async def test_what_only_the_bank_knows_is_found_and_noted(market: Market, finance: Caller) -> None:
    yesterday = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
    number = f"FEE{time.time_ns()}"
    table = csv_of(("", number, "2.50", "KES", yesterday, "PAID", "")).encode()
    statement = (await finance.send_file(SUBMIT, table, filename="fees.csv"))["statement"]["id"]
    for _ in range(100):
        if (await finance.run(LINES, id=statement))["nodes"][0]["state"] != "WAITING":
            break
        await asyncio.sleep(0.05)

    given = {"rail": "BANK_TRANSFER", "day": yesterday, "idempotencyKey": number}
    run = (await finance.do(COMPARE, input=given))["run"]
    found = (await finance.at(market.urls["b"]).run(FOUND, id=run["id"]))["nodes"]
    [fee] = [each for each in found if each["number"] == number]
    assert (run["day"], fee["kind"], fee["actions"]) == (yesterday, "MISSING_HERE", ["NOTE"])
    given = {"discrepancyId": fee["id"], "action": "NOTE", "reason": "The bank's fee", "idempotencyKey": f"n-{number}"}
    done, again = [await finance.do(RESOLVE, input=given) for _ in range(2)]
    assert (done["discrepancy"], again) == ({"state": "RESOLVED", "action": "NOTE"}, done)


async def test_m_pesas_statement_comes_by_the_same_door(market: Market, finance: Caller) -> None:
    before, number = (datetime.now(UTC) - timedelta(days=2)).strftime("%d-%m-%Y 17:05:09"), f"T{time.time_ns()}"
    table = mpesa_csv(changed(paid_row(number, "1,250.00"), at=before)).encode()

    told = [
        await one.send_file(SUBMIT, table, filename="ORG_600000_Utility.csv", rail="MPESA")
        for one in (finance, finance.at(market.urls["b"]))
    ]
    of_another = await finance.send_file(SUBMIT, table, filename="statement.csv", rail="SANDBOX")

    assert told[0] == told[1]
    assert (told[0]["statement"]["rail"], told[0]["statement"]["linesCount"]) == ("MPESA", 1)
    assert [error["path"] for error in of_another["errors"]] == [["rail"]]
    for _ in range(100):
        [line] = (await finance.run(LINES, id=told[0]["statement"]["id"]))["nodes"]
        if line["state"] != "WAITING":
            break
        await asyncio.sleep(0.05)
    assert (line["payoutId"], line["state"], line["number"]) == (None, "NOT_OURS", number)


@pytest.mark.parametrize("rail", ["BANK_TRANSFER", "MPESA"])
async def test_what_is_no_statement_is_refused_and_kept_nowhere(
    market: Market, finance: Caller, customer: Caller, rail: str
) -> None:
    for content in (
        b"\x7fELF\x02\x01\x01" + bytes(64),
        b"<!DOCTYPE a [<!ENTITY b 'c'>]><Document>&b;</Document>",
        b"a,b\n1,2\n",
        mpesa_csv(paid_row("TKK1", "1e3")).encode(),
    ):
        refused = await finance.send_file(SUBMIT, content, filename="statement.csv", rail=rail)
        assert [(error["__typename"], error["path"]) for error in refused["errors"]] == [("ValidationError", ["file"])]
        assert [path for path in market.folder.rglob("upl_*") if path.read_bytes() == content] == []
    with pytest.raises(AssertionError, match="FORBIDDEN"):
        await customer.send_file(SUBMIT, b"a,b", filename="statement.csv")
