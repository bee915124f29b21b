"""gql, the client that scripts and services in Python use."""

from __future__ import annotations

import itertools
from typing import Any

import aiohttp
import pytest
from gql import Client, gql
from gql.transport.aiohttp import AIOHTTPTransport
from gql.transport.exceptions import TransportQueryError, TransportServerError
from gql.transport.websockets import WebsocketsTransport

from tests.clients.scripts import SCHEMA
from tests.flows.client import Caller
from tests.flows.documents import TRANSFER_CREATE, WALLET_EVENTS
from tests.flows.market import Market

KEYS = itertools.count(1)


def over_http(caller: Caller) -> Client:
    headers = {"Authorization": f"Bearer {caller.token}"}
    transport = AIOHTTPTransport(f"{caller.url}/graphql", headers=headers)
    return Client(transport=transport, schema=SCHEMA.read_text())


def over_socket(caller: Caller) -> Client:
    address = f"{caller.url}/graphql".replace("http", "ws", 1)
    transport = WebsocketsTransport(address, init_payload={"authorization": f"Bearer {caller.token}"})
    return Client(transport=transport)


def payment(payer: Caller, payee: Caller, amount: str) -> dict[str, Any]:
    return {
        "fromWalletId": payer.wallets["KES"],
        "recipientId": payee.user_id,
        "amount": {"amount": amount, "asset": "KES"},
        "idempotencyKey": f"gql-{next(KEYS)}",
    }


@pytest.fixture
def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return market.demo(http, "customer")


@pytest.fixture
def payee(market: Market, http: aiohttp.ClientSession) -> Caller:
    return market.demo(http, "customer2")


async def test_it_asks_with_variables(payer: Caller) -> None:
    query = gql("query($first: Int!) { listings(first: $first) { nodes { title } } }")
    query.variable_values = {"first": 2}

    async with over_http(payer) as session:
        answer = await session.execute(query)

    assert len(answer["listings"]["nodes"]) == 2


async def test_it_pays(payer: Caller, payee: Caller) -> None:
    pay = gql(TRANSFER_CREATE)
    pay.variable_values = {"input": payment(payer, payee, "8.00")}

    async with over_http(payer) as session:
        answer = await session.execute(pay)

    assert answer["transferCreate"]["errors"] == []
    assert answer["transferCreate"]["transfer"]["amount"] == {"amount": "8.00", "asset": "KES"}


async def test_it_reads_the_errors_of_a_request(payer: Caller) -> None:
    query = gql("{ listings(first: 51) { nodes { id } } }")

    async with over_http(payer) as session:
        with pytest.raises(TransportQueryError) as refused:
            await session.execute(query)

    assert refused.value.errors is not None
    assert refused.value.errors[0]["extensions"]["code"] == "VALIDATION_ERROR"


async def test_it_is_refused_by_status_when_its_token_is_worth_nothing(payer: Caller) -> None:
    forger = Caller(payer.http, payer.url, "forged")

    async with over_http(forger) as session:
        with pytest.raises((TransportServerError, TransportQueryError), match=r"401|AUTHENTICATION_ERROR"):
            await session.execute(gql("{ viewer { id } }"))


async def test_it_reads_the_schema_by_introspection(payer: Caller) -> None:
    headers = {"Authorization": f"Bearer {payer.token}"}
    transport = AIOHTTPTransport(f"{payer.url}/graphql", headers=headers)

    async with Client(transport=transport, fetch_schema_from_transport=True) as session:
        schema = session.client.schema

    assert schema is not None
    assert schema.subscription_type is not None
    assert "walletEvents" in schema.subscription_type.fields


async def test_it_hears_a_payment_over_a_socket(payer: Caller, payee: Caller) -> None:
    live = gql(WALLET_EVENTS)
    live.variable_values = {"id": payee.wallets["KES"]}
    items = []

    async with over_socket(payee) as session:
        async for item in session.subscribe(live):
            if item["walletEvents"]["__typename"] != "StreamHeartbeat":
                items.append(item["walletEvents"])
            if len(items) == 1:
                await payer.do(TRANSFER_CREATE, input=payment(payer, payee, "4.25"))
            if len(items) == 2:
                break

    assert [item["__typename"] for item in items] == ["WalletSnapshot", "WalletUpdated"]
    assert items[1]["txn"]["amount"] == {"amount": "4.25"}
    assert items[1]["wallet"]["version"] == items[0]["wallet"]["version"] + 1
