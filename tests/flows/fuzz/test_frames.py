"""Sockets: any messages in any frames end with a close that says why, and never with a cut."""

from __future__ import annotations

import json
import socket
from typing import Any, Final

from hypothesis import given
from hypothesis import strategies as st
from websockets.frames import Frame, Opcode

from tests.flows.fuzz.api import PATIENCE_SECONDS, Api
from tests.flows.fuzz.rounds import rounds
from tests.flows.fuzz.tally import Tally, one_more
from tests.flows.fuzz.test_bodies import ANYTHING, REQUEST
from tests.flows.fuzz.test_documents import NEARLY
from tests.flows.fuzz.verdict import assert_errors_are_ours

HANDSHAKE: Final = (
    b"GET /graphql HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n"
)
CLOSES: Final = frozenset({1000, 1002, 1007, 1009, 4400, 4401, 4403, 4409, 4429})
CONTROL_BYTES_MAX: Final = 125

IDS: Final = st.sampled_from(["1", "2", "é"]) | ANYTHING
TYPES: Final = st.sampled_from(["connection_init", "ping", "pong", "complete", "subscribe", "next", ""]) | ANYTHING
ASKED: Final = st.fixed_dictionaries({"query": NEARLY | st.just("{ viewer { id } }")}) | REQUEST | ANYTHING
SUBSCRIBE: Final = st.fixed_dictionaries({"type": st.just("subscribe"), "id": st.sampled_from("12"), "payload": ASKED})
MESSAGE: Final = SUBSCRIBE | st.fixed_dictionaries({}, optional={"type": TYPES, "id": IDS, "payload": ASKED | ANYTHING})
TEXT: Final = MESSAGE.map(lambda message: json.dumps(message).encode()) | st.binary(max_size=60)
WHOLE: Final = st.builds(lambda content: [Frame(Opcode.TEXT, content)], TEXT)
PIECES: Final = st.builds(
    lambda content, at: [Frame(Opcode.TEXT, content[:at], False), Frame(Opcode.CONT, content[at:])],
    TEXT,
    st.integers(0, 60),
)
OTHER: Final = st.builds(
    lambda opcode, content, fin: [Frame(opcode, content, fin)],
    st.sampled_from([Opcode.BINARY, Opcode.PING, Opcode.PONG, Opcode.CONT, Opcode.TEXT]),
    st.binary(max_size=CONTROL_BYTES_MAX),
    st.booleans(),
)
LONG: Final = st.integers(60_000, 70_000).map(lambda size: [Frame(Opcode.TEXT, b"x" * size)])
# Unmasked, of no kind, with reserved bits, a long and a cut control frame, a length beyond everything.
SPOILT: Final = [b""] * 8 + [
    *(b"\x81\x05hello", b"\x83\x80\0\0\0\0", b"\xf1\x80\0\0\0\0", b"\x89\xfe\x01\x00", b"\x09\x80\0\0\0\0"),
    b"\x82\xff" + b"\x7f" * 8,
]
FRAMES: Final = st.lists(WHOLE | WHOLE | PIECES | OTHER | LONG, max_size=6)


def written(frames: list[list[Frame]]) -> bytes:
    sent = b""
    for frame in (frame for several in frames for frame in several):
        if frame.opcode in (Opcode.PING, Opcode.PONG):
            frame.fin = True  # the library refuses to write others; they are in the tests of frames
        sent += frame.serialize(mask=True)
    return sent


class Ear:
    """Reads what a server says, frame by frame."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection, self.buffer = connection, b""

    def take(self, size: int) -> bytes:
        """So many bytes; fewer at the end."""
        while len(self.buffer) < size and (more := self.connection.recv(65_536)):
            self.buffer += more
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def head(self) -> bytes:
        """An HTTP head."""
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.connection.recv(65_536)
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        return head

    def frame(self) -> tuple[int, bytes]:
        """The next frame's kind and content."""
        first, second = self.take(2)
        length = second
        if second >= CONTROL_BYTES_MAX + 1:
            length = int.from_bytes(self.take(2 if second == CONTROL_BYTES_MAX + 1 else 8), "big")
        return first & 0x0F, self.take(length)


BARRIER: Final = {"type": "pong", "payload": {"barrier": 1}}


def ending(api: Api, sent: bytes) -> tuple[list[Any], int, str]:
    """What a server says to all this, and how it closes: by itself, or when it has read everything and is told to."""
    barrier = Frame(Opcode.TEXT, json.dumps({**BARRIER, "type": "ping"}).encode()).serialize(mask=True)
    with socket.create_connection((api.host, api.port), PATIENCE_SECONDS) as connection:
        ear, told = Ear(connection), list[Any]()
        connection.sendall(HANDSHAKE)
        assert b" 101 " in ear.head()
        connection.sendall(sent + barrier)
        while True:
            kind, content = ear.frame()
            if kind == Opcode.CLOSE:
                return told, int.from_bytes(content[:2], "big"), content[2:].decode()
            if kind == Opcode.TEXT and json.loads(content) == BARRIER:
                connection.sendall(Frame(Opcode.CLOSE, (1000).to_bytes(2, "big")).serialize(mask=True))
            elif kind == Opcode.TEXT:
                told.append(json.loads(content))


def test_no_frames_end_a_socket_without_a_reason(api: Api, tally: Tally) -> None:
    greeting = Frame(Opcode.TEXT, json.dumps({"type": "connection_init"}).encode()).serialize(mask=True)

    @rounds(0.12)
    @given(st.booleans(), FRAMES, st.sampled_from(SPOILT))
    def send(is_greeted: bool, frames: list[list[Frame]], spoilt: bytes) -> None:
        sent = (greeting if is_greeted else b"") + written(frames) + spoilt
        with one_more(kind):
            told, code, reason = ending(api, sent)
        assert code in CLOSES, (code, reason, sent[:2000])
        assert code == 1000 or reason, (code, sent[:2000])
        for message in told:
            if message["type"] == "error":
                assert_errors_are_ours(message["payload"], (message, sent[:2000]))
        kind.refused += code != 1000

    with tally.measured("sockets", api.pid) as kind:
        send()
    assert kind.refused > 0
