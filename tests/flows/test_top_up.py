"""A wallet is topped up by bank: asked for, shown by a file, verified by finance, heard live at another process."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from domain.payments.bank_transfers import PROOFS_PER_DAY
from tests.flows.client import Caller
from tests.flows.documents import WALLET_EVENTS
from tests.flows.market import Market
from tests.flows.people import come_in

TOP_UP = """
mutation($input: TopUpRequestInput!) { topUpRequest(input: $input) {
  payment { id bankTransfer { reference } topUp { result { amount asset } } } errors { message reason } } }
"""
PROOF = """
mutation($input: PaymentProofSubmitInput!) { paymentProofSubmit(input: $input) {
  payment { bankTransfer { proof { contentType sizeBytes link } } } errors { __typename message path reason } } }
"""
QUEUE = "{ bankTransferQueue(first: 50) { nodes { id bankTransfer { reference proof { link } } } } }"
CANCEL = """
mutation($input: PaymentCancelInput!) { paymentCancel(input: $input) { payment { state } errors { message } } }
"""
VERIFY = """
mutation($input: BankTransferVerifyInput!) { bankTransferVerify(input: $input) {
  payment { state } isCreditedLate errors { message reason } } }
"""
PAYMENT_EVENTS = """
subscription($id: ID!) { paymentEvents(paymentId: $id) {
  __typename
  ... on PaymentSnapshot { payment { state } }
  ... on PaymentUpdated { type state receiptNumber } } }
"""
PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)
PROGRAM = b"\x7fELF\x02\x01\x01" + bytes(64)
AMOUNT = {"amount": "1292.50", "asset": "KES"}


@pytest.fixture
async def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


async def request(payer: Caller) -> Any:
    given = {"amount": AMOUNT, "rail": "BANK_TRANSFER", "idempotencyKey": "top-up"}
    return (await payer.do(TOP_UP, input=given))["payment"]


async def test_from_the_wish_to_the_points(
    market: Market, http: aiohttp.ClientSession, payer: Caller, finance: Caller
) -> None:
    payment = await request(payer)
    async with payer.at(market.urls["b"]).socket() as socket:
        states = await socket.listen(PAYMENT_EVENTS, id=payment["id"])
        wallet = await socket.listen(WALLET_EVENTS, id=payer.wallets["POINTS"])
        assert (await states.next())["payment"] == {"state": "AWAITING_PAYER"}
        assert (await wallet.next())["wallet"]["available"] == {"amount": "0"}

        shown = await payer.send_file(PROOF, PNG, filename="receipt.png", paymentId=payment["id"])
        assert (await states.next())["state"] == "AWAITING_PAYER"
        queue = (await finance.run(QUEUE))["nodes"]
        waiting = next(one for one in queue if one["id"] == payment["id"])
        link = waiting["bankTransfer"]["proof"]["link"]
        async with http.get(f"{finance.url}{link}") as response:
            assert (response.status, response.content_type, await response.read()) == (200, "image/png", PNG)
        given = {
            "paymentId": payment["id"],
            "amount": AMOUNT,
            "statementReference": f"FT-{payment['id']}",
            "idempotencyKey": payment["id"],
        }
        decided = await finance.do(VERIFY, input=given)

        paid, credited = await states.next(), await wallet.next()
    assert shown["payment"]["bankTransfer"]["proof"]["contentType"] == "image/png"
    assert (decided["payment"], decided["isCreditedLate"]) == ({"state": "PAID"}, False)
    assert (paid["type"], paid["state"], paid["receiptNumber"]) == (
        "payment.updated",
        "PAID",
        given["statementReference"].upper(),
    )
    assert credited["wallet"]["available"]["amount"] == payment["topUp"]["result"]["amount"] == "990"


async def test_a_program_named_png_is_refused_and_kept_nowhere(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    payment = await request(payer)

    refused = await payer.send_file(PROOF, PROGRAM, filename="receipt.png", paymentId=payment["id"])

    assert [(error["__typename"], error["path"]) for error in refused["errors"]] == [("ValidationError", ["file"])]
    assert refused["payment"] is None
    stored = [path for path in market.folder.rglob("upl_*") if path.read_bytes() == PROGRAM]
    assert stored == []


async def test_of_files_that_nothing_waits_for_none_is_kept(market: Market, payer: Caller) -> None:
    payment = await request(payer)
    await payer.do(CANCEL, input={"paymentId": payment["id"]})

    content = PNG + b"too late"
    refused = await payer.send_file(PROOF, content, filename="receipt.png", paymentId=payment["id"])

    assert [error["reason"] for error in refused["errors"]] == ["PROOF_NOT_EXPECTED"]
    assert [path for path in market.folder.rglob("upl_*") if path.read_bytes() == content] == []


async def test_of_one_persons_files_twenty_a_day_are_kept(market: Market, payer: Caller) -> None:
    payment = await request(payer)
    content = PNG + payment["id"].encode()

    ends = [
        await payer.send_file(PROOF, content, filename="receipt.png", paymentId=payment["id"])
        for _ in range(PROOFS_PER_DAY + 1)
    ]

    assert [len(end["errors"]) for end in ends] == [0] * PROOFS_PER_DAY + [1]
    assert ends[-1]["errors"][0]["__typename"] == "RateLimitError"
    kept = [path for path in market.folder.rglob("upl_*") if path.read_bytes() == content]
    assert len(kept) == PROOFS_PER_DAY


async def test_a_link_is_for_one_file_and_for_those_who_were_given_it(
    market: Market, http: aiohttp.ClientSession, payer: Caller
) -> None:
    payment = await request(payer)
    shown = await payer.send_file(PROOF, PNG, filename="../../receipt.png", paymentId=payment["id"])
    link: str = shown["payment"]["bankTransfer"]["proof"]["link"]
    stranger = await come_in(market, http)
    path, _, query = link.partition("?")

    for forged in (
        path,
        f"{path}x?{query}",
        link.replace("image", "text"),
        link.replace("until=", "until=9"),
        link[:-1] + ("A" if link[-1] != "A" else "B"),
        "/files/../messages.jsonl?" + query,
    ):
        async with http.get(f"{payer.url}{forged}") as response:
            assert response.status == 404, forged
    refused = await stranger.send_file(PROOF, PNG, filename="mine.png", paymentId=payment["id"])
    assert [error["__typename"] for error in refused["errors"]] == ["NotFoundError"]
    async with http.get(f"{payer.url}{link}") as response:
        assert response.status == 200
        assert response.headers["Content-Disposition"] == "attachment"
        assert "sandbox" in response.headers["Content-Security-Policy"]
