"""The header Idempotency-Key repeats the argument: where both say the same it is done once, else nothing is."""

from __future__ import annotations

from typing import Any

import aiohttp

from tests.flows.client import Caller
from tests.flows.documents import TRANSFER_CREATE, WALLET
from tests.flows.market import Market
from tests.flows.people import come_in


async def pay(payer: Caller, key: str, header: str | None, recipient: Caller) -> Any:
    given = {
        "fromWalletId": payer.wallets["KES"],
        "recipientId": recipient.user_id,
        "amount": {"amount": "1.00", "asset": "KES"},
        "idempotencyKey": key,
    }
    headers = {"Authorization": f"Bearer {payer.token}", **({"Idempotency-Key": header} if header is not None else {})}
    body = {"query": TRANSFER_CREATE, "variables": {"input": given}}
    async with payer.http.post(f"{payer.url}/graphql", json=body, headers=headers) as response:
        return await response.json()


async def test_the_header_is_the_argument_or_nothing_is_done(
    market: Market, http: aiohttp.ClientSession, customer: Caller
) -> None:
    recipient = await come_in(market, http)

    key = f"header {recipient.user_id}"
    first, again = [await pay(customer, key, key, recipient) for _ in range(2)]
    without = await pay(customer, key, None, recipient)
    other = await pay(customer, f"argument {recipient.user_id}", "another", recipient)
    empty = await pay(customer, f"argument {recipient.user_id}", "", recipient)

    assert first["data"]["transferCreate"]["errors"] == []
    for replay in (again, without):
        assert replay["data"] == first["data"]
        assert replay["extensions"]["idempotency"] == {"replayed": True}
    for refused in (other, empty):
        payload = refused["data"]["transferCreate"]
        assert payload["transfer"] is None
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [
            ("VALIDATION_ERROR", ["idempotencyKey"])
        ]
    wallet = await recipient.run(WALLET, id=recipient.wallets["KES"])
    assert wallet["available"] == {"amount": "1.00"}
