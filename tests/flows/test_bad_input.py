"""Bad input over HTTP: each gets its typed refusal and leaves nothing behind."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.documents import TRANSFER_CREATE, WALLET
from tests.flows.market import Market
from tests.flows.people import come_in

NOBODY = "usr_00000000000000000000000001"


@pytest.fixture
async def friend(market: Market, http: aiohttp.ClientSession) -> Caller:
    return await come_in(market, http)


@pytest.mark.parametrize(
    ("change", "kind", "path"),
    [
        ({"fromWalletId": "lst_01M7XDQ3HDF9TV97V8TKW7SSDK"}, "ValidationError", ["fromWalletId"]),
        ({"fromWalletId": "nonsense"}, "ValidationError", ["fromWalletId"]),
        ({"fromWalletId": "wal_00000000000000000000000001"}, "NotFoundError", []),
        ({"recipientId": NOBODY}, "NotFoundError", []),
        ({"recipientId": "cat_01M7XDQ3HDF9TV97V8TKW7SSDK"}, "ValidationError", ["recipientId"]),
        ({"amount": {"amount": "1.505", "asset": "KES"}}, "ValidationError", ["amount", "amount"]),
        ({"amount": {"amount": "-1.00", "asset": "KES"}}, "ValidationError", ["amount", "amount"]),
        ({"amount": {"amount": "0", "asset": "KES"}}, "ValidationError", ["amount", "amount"]),
        ({"amount": {"amount": "9" * 19, "asset": "KES"}}, "ValidationError", ["amount", "amount"]),
        ({"amount": {"amount": "1e3", "asset": "KES"}}, "ValidationError", ["amount", "amount"]),
        ({"amount": {"amount": "NaN", "asset": "KES"}}, "ValidationError", ["amount", "amount"]),
        ({"amount": {"amount": "1.00", "asset": "USDT"}}, "ValidationError", ["amount", "asset"]),
        ({"amount": {"amount": "99999999.00", "asset": "KES"}}, "InsufficientFundsError", []),
        ({"idempotencyKey": ""}, "ValidationError", ["idempotencyKey"]),
        ({"idempotencyKey": "k" * 256}, "ValidationError", ["idempotencyKey"]),
        ({"note": "n" * 141}, "ValidationError", ["note"]),
    ],
)
async def test_a_faulty_transfer_is_refused_and_moves_nothing(
    customer: Caller, friend: Caller, change: dict[str, Any], kind: str, path: list[str]
) -> None:
    wallet = customer.wallets["KES"]
    before = await customer.run(WALLET, id=wallet)
    good = {
        "fromWalletId": wallet,
        "recipientId": friend.user_id,
        "amount": {"amount": "1.00", "asset": "KES"},
        "idempotencyKey": "bad-input",
    }

    refused = await customer.run(TRANSFER_CREATE, input={**good, **change})

    assert refused["transfer"] is None
    assert [(error["__typename"], error["path"]) for error in refused["errors"]] == [(kind, path)]
    assert await customer.run(WALLET, id=wallet) == before
    assert (await friend.run(WALLET, id=friend.wallets["KES"]))["transactions"]["nodes"] == []


async def test_somebody_elses_wallet_cannot_be_told_from_none(customer: Caller, friend: Caller) -> None:
    foreign = await customer.ask(WALLET, id=friend.wallets["KES"])
    none = await customer.ask(WALLET, id="wal_00000000000000000000000001")

    told = [(answer["data"], answer["errors"][0]["message"]) for answer in (foreign, none)]
    assert told == [(None, "No such wallet.")] * 2


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ("{ listings(first: 51) { nextCursor } }", "first"),
        ("{ listings(first: 0) { nextCursor } }", "first"),
        ('{ listings(after: "Zm9yZ2Vk") { nextCursor } }', "after"),
        ('{ listings(after: "") { nextCursor } }', "after"),
        ('{ node(id: "nonsense") { id } }', "id"),
        ('{ listing(id: "usr_01M7XDQ3HDF9TV97V8TKW7SSDK") { id } }', "id"),
    ],
)
async def test_a_faulty_argument_is_named(customer: Caller, document: str, field: str) -> None:
    answer = await customer.ask(document)

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "VALIDATION_ERROR"
    assert [fault["path"] for fault in error["extensions"]["faults"]] == [[field]]
    assert error["extensions"]["requestId"] == answer["extensions"]["requestId"]


async def test_a_cursor_of_another_list_is_refused(customer: Caller) -> None:
    mine = await customer.run("{ listings(first: 1) { nextCursor } }")

    answer = await customer.ask(
        'query($c: String) { listings(after: $c, filter: {city: "Nairobi"}) { nextCursor } }', c=mine["nextCursor"]
    )

    assert answer["errors"][0]["extensions"]["code"] == "VALIDATION_ERROR"


async def test_who_is_not_signed_in_is_told_to(market: Market, http: aiohttp.ClientSession) -> None:
    answer = await Caller(http, market.urls["a"]).ask("{ viewer { id } }")

    assert answer["errors"][0]["extensions"]["code"] == "AUTHENTICATION_ERROR"


async def test_a_missing_permission_is_named(customer: Caller) -> None:
    answer = await customer.ask("{ ledgerTrialBalance { isBalanced } }")

    assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert "ledger:read" in answer["errors"][0]["message"]
