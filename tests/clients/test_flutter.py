"""Frames and requests to the letter as the clients for Flutter send them.

Sources: graphql_flutter's `websocket_client.dart` and `websocket_messages.dart`; ferry's `gql_websocket_link`
(`graphql_transport_ws.dart`, `transport_ws_common.dart`), `gql_http_link` and `gql_link`'s `request_serializer.dart`.
What they cannot read is looked at as well: both take a payload only where it is an object.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import aiohttp
import pytest

from tests.flows.client import Caller
from tests.flows.documents import TRANSFER_CREATE, WALLET_EVENTS
from tests.flows.market import Market

WAIT_SECONDS = 5


class Dart:
    """A socket that sends what it is given and nothing of its own."""

    def __init__(self, connection: aiohttp.ClientWebSocketResponse) -> None:
        self.connection = connection

    async def send(self, *frames: str) -> None:
        for frame in frames:
            await self.connection.send_str(frame)

    async def hear(self) -> dict[str, Any]:
        """The next frame that is no heartbeat of the stream."""
        while True:
            message = await self.connection.receive(WAIT_SECONDS)
            assert message.type is aiohttp.WSMsgType.TEXT, (message, self.connection.close_code)
            frame: dict[str, Any] = json.loads(message.data)
            if "StreamHeartbeat" not in message.data:
                return frame

    async def item(self, id: str) -> dict[str, Any]:
        """The next item of a subscription to a wallet."""
        frame = await self.hear()
        assert (frame["id"], frame["type"], set(frame["payload"])) == (id, "next", {"data"}), frame
        found: dict[str, Any] = frame["payload"]["data"]["walletEvents"]
        return found


@asynccontextmanager
async def dart(caller: Caller, protocol: str = "graphql-transport-ws") -> AsyncIterator[Dart]:
    headers = {"Authorization": f"Bearer {caller.token}"}
    async with caller.http.ws_connect(f"{caller.url}/graphql", protocols=(protocol,), headers=headers) as connection:
        yield Dart(connection)


@pytest.fixture
def person(market: Market, http: aiohttp.ClientSession) -> Caller:
    return market.demo(http, "customer4")


@pytest.fixture
def payer(market: Market, http: aiohttp.ClientSession) -> Caller:
    return market.demo(http, "customer")


async def pay(payer: Caller, payee: Caller, amount: str) -> None:
    given = {
        "fromWalletId": payer.wallets["KES"],
        "recipientId": payee.user_id,
        "amount": {"amount": amount, "asset": "KES"},
        "idempotencyKey": f"dart-{uuid4()}",
    }
    await payer.do(TRANSFER_CREATE, input=given)


def request(person: Caller) -> str:
    """An operation as `RequestSerializer` writes it: without a name the key is there and null."""
    return json.dumps(
        {"operationName": None, "variables": {"id": person.wallets["KES"]}, "query": WALLET_EVENTS},
        separators=(",", ":"),
    )


async def test_graphql_flutter_listens_and_leaves(person: Caller, payer: Caller) -> None:
    id = str(uuid4())

    async with dart(person) as socket:
        await socket.send('{"type":"connection_init"}')
        acknowledged = await socket.hear()
        await socket.send(f'{{"type":"subscribe","id":"{id}","payload":{request(person)}}}')
        snapshot = await socket.item(id)
        await pay(payer, person, "1.10")
        update = await socket.item(id)
        await socket.send('{"type":"ping","payload":{}}')
        ponged = await socket.hear()
        await socket.send('{"type":"pong","payload":null}', f'{{"type":"complete","id":"{id}"}}')
        await pay(payer, person, "1.20")
        await socket.send('{"type":"ping","payload":{"last":true}}')
        last = await socket.hear()

    assert acknowledged == {"type": "connection_ack"}
    assert (snapshot["__typename"], update["__typename"]) == ("WalletSnapshot", "WalletUpdated")
    assert update["txn"]["amount"] == {"amount": "1.10"}
    assert ponged == {"type": "pong", "payload": {}}
    assert last == {"type": "pong", "payload": {"last": True}}, "nothing of the subscription comes after its complete"


async def test_graphql_flutter_signs_in_by_its_initial_payload(person: Caller) -> None:
    id = str(uuid4())
    unknown = Caller(person.http, person.url)
    token = json.dumps({"type": "connection_init", "payload": {"authorization": f"Bearer {person.token}"}})

    async with person.http.ws_connect(f"{unknown.url}/graphql", protocols=("graphql-transport-ws",)) as connection:
        socket = Dart(connection)
        await socket.send(token)
        acknowledged = await socket.hear()
        await socket.send(f'{{"type":"subscribe","id":"{id}","payload":{request(person)}}}')
        snapshot = await socket.item(id)

    assert acknowledged == {"type": "connection_ack"}
    assert snapshot["__typename"] == "WalletSnapshot"


async def test_graphql_flutter_with_the_protocol_that_it_takes_by_default_is_told_which_to_take(person: Caller) -> None:
    async with dart(person, "graphql-ws") as socket:
        closed = await socket.connection.receive(WAIT_SECONDS)

        assert closed.type is aiohttp.WSMsgType.CLOSE
        assert (closed.data, closed.extra) == (4406, "Use the sub-protocol graphql-transport-ws.")


async def test_ferry_listens_and_leaves(person: Caller, payer: Caller) -> None:
    id = str(uuid4())

    async with dart(person) as socket:
        await socket.send('{"type":"connection_init","payload":null}')
        acknowledged = await socket.hear()
        await socket.send(f'{{"id":"{id}","type":"subscribe","payload":{request(person)}}}')
        snapshot = await socket.item(id)
        await pay(payer, person, "1.30")
        update = await socket.item(id)
        await socket.send('{"type":"ping"}')
        ponged = await socket.hear()
        await socket.send('{"type":"pong"}', f'{{"id":"{id}","type":"complete"}}')
        await socket.connection.close(code=1000, message=b"Normal Closure")

    assert acknowledged == {"type": "connection_ack"}
    assert (snapshot["__typename"], update["__typename"]) == ("WalletSnapshot", "WalletUpdated")
    assert update["txn"]["amount"] == {"amount": "1.30"}
    assert ponged == {"type": "pong"}
    assert socket.connection.close_code == 1000


async def test_ferry_asks_over_the_socket_and_reads_next_before_complete(person: Caller) -> None:
    id = str(uuid4())
    asked = '{"operationName":"Me","variables":{},"query":"query Me {\\n  viewer {\\n    id\\n  }\\n}"}'

    async with dart(person) as socket:
        await socket.send('{"type":"connection_init","payload":null}')
        await socket.hear()
        await socket.send(f'{{"id":"{id}","type":"subscribe","payload":{asked}}}')
        answered, ended = await socket.hear(), await socket.hear()

    assert (answered["id"], answered["type"]) == (id, "next")
    assert answered["payload"]["data"] == {"viewer": {"id": person.user_id}}
    assert ended == {"id": id, "type": "complete"}


async def test_ferry_reads_the_errors_of_a_faulty_document(person: Caller) -> None:
    id = str(uuid4())
    asked = '{"operationName":null,"variables":{},"query":"{ nothing }"}'

    async with dart(person) as socket:
        await socket.send('{"type":"connection_init","payload":null}')
        await socket.hear()
        await socket.send(f'{{"id":"{id}","type":"subscribe","payload":{asked}}}')
        refused = await socket.hear()
        await socket.send('{"type":"ping"}')
        still = await socket.hear()

    assert (refused["id"], refused["type"]) == (id, "error")
    (error,) = refused["payload"]
    assert isinstance(error["message"], str)
    assert all(isinstance(place["line"], int) and isinstance(place["column"], int) for place in error["locations"])
    assert still == {"type": "pong"}


async def test_both_post_as_their_http_link_does(person: Caller) -> None:
    headers = {"Content-type": "application/json", "Accept": "*/*", "Authorization": f"Bearer {person.token}"}
    body = '{"operationName":"Me","variables":{},"query":"query Me {\\n  viewer {\\n    id\\n  }\\n}"}'

    async with person.http.post(f"{person.url}/graphql", data=body, headers=headers) as response:
        answer = json.loads((await response.read()).decode("utf-8"))

    assert response.status == 200
    assert answer["data"] == {"viewer": {"id": person.user_id}}


async def test_their_http_link_reads_a_refusal_as_an_answer(person: Caller) -> None:
    """They throw away what comes with a status from 300 on; to who accepts anything an error is a 200."""
    headers = {"Content-type": "application/json", "Accept": "*/*"}
    body = '{"operationName":null,"variables":{},"query":"{ nothing }"}'

    async with person.http.post(f"{person.url}/graphql", data=body, headers=headers) as response:
        answer = await response.json()

    assert response.status == 200
    assert answer["errors"][0]["message"].startswith("Cannot query field 'nothing'")
