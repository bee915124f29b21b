"""graphql-transport-ws to the letter: every message that a client may send, and each that it may not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import aiohttp
import pytest
from websockets.frames import Frame, Opcode

from tests.realtime.notes import until
from tests.transport.sockets import BYTES_MAX, PROTOCOL, Counting, Talk, door, server, talk, url
from transport import socket

__all__ = ["door", "server", "talk", "url"]

HANDSHAKE = (
    "GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    f"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: {PROTOCOL}\r\n\r\n"
).encode()


def nested(levels: int) -> str:
    return "[" * levels + "]" * levels


@pytest.mark.parametrize("init", [{}, {"payload": None}, {"payload": {}}, {"payload": {"anything": [1]}}])
async def test_an_init_lets_in_with_and_without_a_payload(talk: Talk, init: dict[str, Any]) -> None:
    await talk.greet(**init)


async def test_who_does_not_initialise_is_closed_4408(
    door: Counting, url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert socket.INIT_SECONDS == 5
    monkeypatch.setattr(socket, "INIT_SECONDS", 0.1)
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=(PROTOCOL,)) as connection:
        assert await Talk(connection).closed() == (4408, "Connection initialisation timeout")
    assert door.sessions == 0


@pytest.mark.parametrize("protocols", [(), ("graphql-ws",), ("soap", "graphql-ws")])
async def test_another_protocol_is_taken_to_be_closed_4406(url: str, protocols: tuple[str, ...]) -> None:
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=protocols) as connection:
        assert connection.protocol == next(iter(protocols), None)
        assert await Talk(connection).closed() == (4406, f"Use the sub-protocol {PROTOCOL}.")


@pytest.mark.parametrize("is_greeted", [True, False])
@pytest.mark.parametrize(
    "frame",
    [
        "",
        " ",
        "7",
        "null",
        "true",
        '"text"',
        "[]",
        "{",
        "{}",
        '{"type":null}',
        '{"type":1}',
        '{"type":[]}',
        '{"type":""}',
        '{"type":"next","id":"1","payload":{}}',
        '{"type":"connection_ack"}',
        '{"type":"start","id":"1","payload":{}}',
        '{"type":"ping","payload":[]}',
        '{"type":"ping","payload":"x"}',
        '{"type":"pong","payload":1}',
        '{"type":"connection_init","payload":"token"}',
        '{"type":"complete"}',
        '{"type":"complete","id":null}',
        '{"type":"complete","id":""}',
        '{"type":"subscribe","payload":{"query":"{number}"}}',
        '{"type":"subscribe","id":null,"payload":{"query":"{number}"}}',
        '{"type":"subscribe","id":"","payload":{"query":"{number}"}}',
        '{"type":"subscribe","id":1,"payload":{"query":"{number}"}}',
        '{"type":"subscribe","id":{},"payload":{"query":"{number}"}}',
        '{"type":"subscribe","id":"1"}',
        '{"type":"subscribe","id":"1","payload":null}',
        '{"type":"subscribe","id":"1","payload":"{number}"}',
        '{"type":"subscribe","id":"1","payload":{}}',
        '{"type":"subscribe","id":"1","payload":{"query":null}}',
        '{"type":"subscribe","id":"1","payload":{"query":5}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{number}","variables":"x"}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{number}","operationName":{}}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{number}","extensions":[]}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{number}","extensions":"x"}}',
        '{"type":"subscribe","id":"1","payload":{"documentId":5}}',
        '{"type":"subscribe","id":"1","payload":{"extensions":{"documentId":5}}}',
        '{"type":"subscribe","id":"1","payload":{"extensions":{"persistedQuery":5}}}',
        '{"type":"ping","payload":{"lone":"\\ud800"}}',
        '{"type":"ping","payload":{"number":NaN}}',
        nested(20_000),
        '{"type":"ping","payload":{"deep":' + nested(20_000) + "}}",
        '{"type":"ping","payload":{"deep":' + nested(300) + "}}",
        '{"type":"connection_init","payload":{"deep":' + nested(20_000) + "}}",
        '{"type":"subscribe","id":"1","payload":{"query":"{number}","variables":{"v":' + nested(20_000) + "}}}",
    ],
)
async def test_what_is_no_message_closes_4400_with_a_reason(talk: Talk, frame: str, is_greeted: bool) -> None:
    if is_greeted:
        await talk.greet()

    await talk.connection.send_str(frame)

    code, reason = await talk.closed()
    assert code == 4400
    assert reason
    assert "Error" not in reason


@pytest.mark.parametrize("content", [b"", b'{"type":"connection_init"}', b"\0\1\2"])
async def test_a_binary_message_closes_4400(talk: Talk, content: bytes) -> None:
    await talk.connection.send_bytes(content)

    assert await talk.closed() == (4400, "Messages are text frames.")


async def test_a_message_above_64_kib_closes_1009_and_one_below_is_read(talk: Talk) -> None:
    await talk.greet()
    around = len('{"type":"ping","payload":{"x":""}}')

    await talk.connection.send_str('{"type":"ping","payload":{"x":"' + "x" * (BYTES_MAX - around) + '"}}')
    pong = await talk.hear()
    await talk.connection.send_str('{"type":"ping","payload":{"x":"' + "x" * (BYTES_MAX - around + 1) + '"}}')

    assert len(pong["payload"]["x"]) == BYTES_MAX - around
    assert (await talk.closed())[0] == 1009


@pytest.mark.parametrize("ping", [{}, {"payload": None}, {"payload": {}}, {"payload": {"n": [1, {"m": "é"}]}}])
async def test_a_ping_is_answered_with_its_own_payload_before_and_after_the_greeting(
    talk: Talk, ping: dict[str, Any]
) -> None:
    pong = {"type": "pong", **({} if ping.get("payload") is None else ping)}

    await talk.say("ping", **ping)
    assert await talk.hear() == pong
    await talk.greet()
    await talk.say("ping", **ping)
    assert await talk.hear() == pong


async def test_a_pong_is_taken_in_silence(talk: Talk) -> None:
    await talk.greet()

    for pong in ({}, {"payload": None}, {"payload": {"n": 1}}):
        await talk.say("pong", **pong)

    assert (await talk.answer("a", "{ number }"))["data"] == {"number": 7}


async def test_subscribing_before_the_acknowledgement_closes_4401_and_runs_nothing(door: Counting, talk: Talk) -> None:
    await talk.ask("a", "mutation { do(number: 1) }")

    assert await talk.closed() == (4401, "Unauthorized")
    assert door.done == []


async def test_a_second_init_closes_4429(talk: Talk) -> None:
    await talk.greet()

    await talk.say("connection_init")

    assert await talk.closed() == (4429, "Too many initialisation requests")


async def test_two_inits_at_once_close_4429(talk: Talk) -> None:
    await asyncio.gather(talk.say("connection_init"), talk.say("connection_init"))

    heard = await talk.connection.receive(5)
    if heard.type is aiohttp.WSMsgType.TEXT:
        heard = await talk.connection.receive(5)
    assert heard.data == 4429


async def test_what_was_sent_behind_a_faulty_message_is_not_done(door: Counting, url: str) -> None:
    messages = [
        {"type": "connection_init"},
        {"type": "subscribe", "id": "a", "payload": {"query": "mutation { do(number: 1) }"}},
        {"type": "nonsense"},
        {"type": "subscribe", "id": "b", "payload": {"query": "mutation { do(number: 2) }"}},
        {"type": "ping"},
    ]
    frames = [Frame(Opcode.TEXT, json.dumps(message).encode()).serialize(mask=True) for message in messages]
    port = int(url.rstrip("/").rpartition(":")[2])

    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(HANDSHAKE)
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"".join(frames))
    heard = await asyncio.wait_for(reader.readuntil((4400).to_bytes(2, "big")), 5)
    writer.write(Frame(Opcode.CLOSE, (4400).to_bytes(2, "big")).serialize(mask=True))
    rest = await asyncio.wait_for(reader.read(), 5)
    writer.close()

    assert b"connection_ack" in heard
    assert 2 not in door.done
    assert b"pong" not in heard + rest
    await until(lambda: door.sessions == 0)
