"""Listens on sockets by the thousand, from a process of its own: `python -m bench.hearing` takes orders by the line.

Every socket has one subscription to a topic whose events count their versions. It notes which came, which did not,
which came twice, and how long after `occurredAt`.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, cast

import orjson
import uvloop

from bench.documents import LISTEN
from bench.frames import CLOSE, PING, PONG, TEXT, FrameReader, handshake, masked

AT_ONCE: Final = 50
KNOWN_MAX: Final = 5_000
OPEN_SECONDS: Final = 60.0
PROTOCOL: Final = "graphql-transport-ws"


@dataclass(frozen=True, slots=True)
class Seat:
    """Whose socket it is and what it listens to. `snapshot`: the present state comes first, as our API tells it."""

    token: str
    listing_id: str
    snapshot: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What came since the last count. `others`: frames that were no event, by what they were."""

    deliveries: int
    lost: int
    doubled: int
    lowest_version: int
    highest_version: int
    milliseconds: dict[str, int]
    others: dict[str, int]


@dataclass(frozen=True, slots=True)
class Tidings:
    """What a frame says; the same bytes are read once, however many sockets they come on."""

    kind: str
    version: int = 0
    occurred_at: float = 0.0


class Hall:
    """All sockets and what they heard."""

    def __init__(self) -> None:
        self.sockets: list[Socket] = []
        self._known: dict[bytes, Tidings] = {}
        self.begin()

    def begin(self) -> None:
        """Count from here on."""
        self.deliveries = self.lost = self.doubled = 0
        self.milliseconds: Counter[int] = Counter()
        self.others: Counter[str] = Counter()

    def read(self, payload: bytes) -> Tidings:
        """What a frame says."""
        found = self._known.get(payload)
        if found is None:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            found = self._known[payload] = _tidings(orjson.loads(payload))
        return found

    def heard(self) -> Heard:
        """What was counted; versions are the next ones that the sockets expect, so all equal when nothing is lost."""
        expected = [socket.next_version for socket in self.sockets]
        return Heard(
            deliveries=self.deliveries,
            lost=self.lost,
            doubled=self.doubled,
            lowest_version=min(expected) - 1,
            highest_version=max(expected) - 1,
            milliseconds={str(late): count for late, count in self.milliseconds.items()},
            others=dict(self.others),
        )


class Socket(asyncio.Protocol):
    """One socket of the client's side."""

    transport: asyncio.Transport

    def __init__(self, hall: Hall, seat: Seat) -> None:
        self._hall, self._seat = hall, seat
        self._reader, self._head = FrameReader(), b""
        self._is_upgraded = False
        self.next_version = 1
        self.begun = asyncio.Event()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        self.transport.write(handshake("/graphql", PROTOCOL))

    def data_received(self, data: bytes) -> None:
        if not self._is_upgraded:
            self._head += data
            head, separator, data = self._head.partition(b"\r\n\r\n")
            if not separator:
                return
            assert head.startswith(b"HTTP/1.1 101"), head
            self._is_upgraded = True
            self._send({"type": "connection_init", "payload": {"authorization": f"Bearer {self._seat.token}"}})
        now = time.time()
        for kind, payload in self._reader.feed(data):
            if kind == TEXT:
                self._told(self._hall.read(payload), now)
            elif kind == PING:
                self.transport.write(masked(PONG, payload))
            elif kind == CLOSE:
                self._hall.others[f"closed {payload[2:].decode()}"] += 1

    def _told(self, tidings: Tidings, now: float) -> None:
        if tidings.kind != "ListingUpdated":
            self._answer(tidings.kind)
            return
        hall, version = self._hall, tidings.version
        hall.deliveries += 1
        hall.milliseconds[max(0, round((now - tidings.occurred_at) * 1000))] += 1
        if version < self.next_version:
            hall.doubled += 1
            return
        hall.lost += version - self.next_version
        self.next_version = version + 1

    def _answer(self, kind: str) -> None:
        self._hall.others[kind] += 1
        if kind == "connection_ack":
            payload = {"query": LISTEN, "variables": {"id": self._seat.listing_id}}
            self._send({"id": "1", "type": "subscribe", "payload": payload})
        if kind == ("ListingSnapshot" if self._seat.snapshot else "connection_ack"):
            self.begun.set()
        elif kind == "ping":
            self._send({"type": "pong"})

    def _send(self, message: dict[str, Any]) -> None:
        self.transport.write(masked(TEXT, orjson.dumps(message)))

    def connection_lost(self, exc: Exception | None) -> None:
        self._hall.others["lost connections"] += 1


def _tidings(frame: dict[str, Any]) -> Tidings:
    if frame["type"] != "next":
        return Tidings(str(frame["type"]))
    payload = frame["payload"]
    if payload.get("errors"):
        return Tidings(f"errors: {payload['errors']}")
    item = payload["data"]["listingEvents"]
    if item["__typename"] != "ListingUpdated":
        return Tidings(str(item["__typename"]))
    occurred_at = datetime.fromisoformat(item["occurredAt"].replace("Z", "+00:00")).timestamp()
    return Tidings(item["__typename"], item["version"], occurred_at)


async def attend(hall: Hall, port: int, seats: Sequence[Seat]) -> None:
    """Take all seats, a few at a time."""
    loop = asyncio.get_running_loop()
    for start in range(0, len(seats), AT_ONCE):
        arriving = seats[start : start + AT_ONCE]
        opened = [
            await loop.create_connection(lambda seat=seat: Socket(hall, seat), "127.0.0.1", port)  # type: ignore[misc]
            for seat in arriving
        ]
        sockets = [socket for _, socket in opened]
        async with asyncio.timeout(OPEN_SECONDS):
            await asyncio.gather(*(socket.begun.wait() for socket in sockets))
        hall.sockets += sockets


async def obey(port: int, seats: Sequence[Seat]) -> None:
    """`begin` counts from then on, `count` tells what was heard; the end of the orders is the end of all sockets."""
    hall, orders = Hall(), asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(orders), sys.stdin)
    await attend(hall, port, seats)
    _say({"open": len(hall.sockets)})
    while order := (await orders.readline()).strip():
        if order == b"begin":
            hall.begin()
        _say(asdict(hall.heard()))
    for socket in hall.sockets:
        socket.transport.close()


def _say(answer: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(answer) + b"\n")
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    job = orjson.loads(sys.stdin.buffer.readline())
    uvloop.run(obey(job["port"], [Seat(**seat) for seat in job["seats"]]))
