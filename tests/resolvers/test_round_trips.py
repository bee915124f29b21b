"""What people wait for: at most six round trips to PostgreSQL, counted on the wire, the code of an order included."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from statistics import median
from typing import Any

import pytest
import pytest_asyncio

from bench.round_trips import Counted, counting
from db.engine import Database, open_database
from db.mapping import map_everything
from domain.gateways import Gateways
from domain.ids import IdKind, encode_id
from domain.ledger.account import wallet_id_of
from domain.money import Asset
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.orders import make_merchant, make_product
from tests.makers.tips import make_qr, make_worker
from tests.makers.wallets import kes, make_holder

ROUND_TRIPS_MAX = 6
TIMES = 9


@pytest_asyncio.fixture
async def wire(fresh_database_url: str) -> AsyncIterator[Counted]:
    async with counting(fresh_database_url) as counted:
        yield counted


@pytest_asyncio.fixture
async def database(wire: Counted) -> AsyncIterator[Database]:
    """A database of this test's own, behind the counter."""
    map_everything()
    opened = open_database(wire.database_url, pool_size=1)
    yield opened
    await opened.close()


async def trips_of(wire: Counted, ask: Any) -> float:
    """Of one command, once its statements are prepared and the settings are known."""
    counted = []
    for number in range(TIMES):
        before = wire.trips
        assert (await ask(f"k{number}"))["errors"] == []
        counted.append(wire.trips - before)
    return median(counted)


async def test_an_order_from_a_wallet(api: Api, commands: Commands, gateways: Gateways, wire: Counted) -> None:
    await observe(commands)
    owner, amina = await make_holder(commands), await make_holder(commands, kes(1_000_000))
    merchant = await make_merchant(commands, owner)
    product = await make_product(commands, gateways, owner, merchant, kes(12_900), stock=TIMES)
    given = {"productId": product.label, "price": {"amount": "129.00", "asset": "KES"}}

    async def place(key: str) -> Any:
        return await api.as_(amina).command(
            "orderPlace", "order { id status code price { amount } }", idempotencyKey=key, **given
        )

    assert await trips_of(wire, place) <= ROUND_TRIPS_MAX


@pytest.mark.parametrize("by", ["worker", "code"])
async def test_a_tip_from_a_wallet(api: Api, commands: Commands, gateways: Gateways, wire: Counted, by: str) -> None:
    otieno, amina = await make_holder(commands), await make_holder(commands, kes(1_000_000))
    worker = await make_worker(commands, otieno)
    to = {"workerId": worker.label}
    if by == "code":
        await make_qr(commands, otieno)
        shown = await api.as_(otieno).ask("{ viewer { tipQrs { nodes { uri } } } }")
        to = {"token": shown["viewer"]["tipQrs"]["nodes"][0]["uri"]}

    async def give(key: str) -> Any:
        amount = {"amount": "50", "asset": "KES"}
        return await api.as_(amina).command(
            "tipGive", "tip { id state amount { amount } }", amount=amount, idempotencyKey=key, **to
        )

    assert await trips_of(wire, give) < ROUND_TRIPS_MAX


async def test_transfers_of_one_moment_take_as_many_as_one(api: Api, commands: Commands, wire: Counted) -> None:
    people = [await make_holder(commands, kes(1_000)) for _ in range(20)]

    async def pay_around(key: str) -> dict[str, list[Any]]:
        sent = [
            api.as_(payer).command(
                "transferCreate",
                "transfer { id reference }",
                fromWalletId=encode_id(IdKind.WALLET, wallet_id_of(payer.user_id, Asset.KES)),
                recipientId=payee.label,
                amount={"amount": "1.00", "asset": "KES"},
                idempotencyKey=key,
            )
            for payer, payee in zip(people, [*people[1:], people[0]], strict=True)
        ]
        return {"errors": [error for payload in await asyncio.gather(*sent) for error in payload["errors"]]}

    assert await trips_of(wire, pay_around) <= ROUND_TRIPS_MAX
