"""Looks at the market, listens to a wallet and pays into it, by a generated client; prints what it read as JSON."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
from typing import Any

client: Any = importlib.import_module("sokoni_client")  # generated just before this runs
PEOPLE = json.loads(os.environ["SOKONI_PEOPLE"])
URL = os.environ["SOKONI_URL"] + "/graphql"


def client_of(label: str) -> Any:
    credential = f"Bearer {PEOPLE[label]['accessToken']}"
    return client.Client(
        url=URL,
        headers={"Authorization": credential},
        ws_url=URL.replace("http", "ws", 1),
        ws_connection_init_payload={"authorization": credential},
    )


async def main() -> None:
    payer, payee = client_of("customer"), client_of("customer2")
    market = await payer.market(first=2, sort=client.ListingSort.NEWEST)
    kinds, amounts = [], []
    async for item in payee.wallet_events(wallet_id=PEOPLE["customer2"]["walletId"], snapshot=True):
        told = item.wallet_events
        if told.typename__ == "WalletSnapshot":
            paid = await payer.transfer_create(payment("9.75"))
        if told.typename__ == "WalletUpdated":
            amounts.append(told.txn.amount.amount)
        kinds.append(told.typename__)
        if amounts:
            break
    refused = await payer.transfer_create(payment("99999999.00"))
    print(  # noqa: T201  # what the test reads
        json.dumps(
            {
                "titles": [edge.node.title for edge in market.listings.edges],
                "kinds": kinds,
                "amounts": amounts,
                "paid": paid.transfer_create.transfer.amount.amount,
                "at": paid.transfer_create.transfer.created_at.tzname(),
                "refused": [error.typename__ for error in refused.transfer_create.errors],
            }
        )
    )


def payment(amount: str) -> Any:
    """A typed input for a new transfer."""
    return client.TransferCreateInput(
        from_wallet_id=PEOPLE["customer"]["walletId"],
        recipient_id=PEOPLE["customer2"]["userId"],
        amount=client.MoneyInput(amount=amount, asset=client.AssetCode.KES),
        idempotency_key=f"ariadne-{amount}",
    )


if __name__ == "__main__":
    asyncio.run(main())
