"""What our endpoint costs beside uvicorn that answers the same bytes, and what signing in by sockets costs."""

from __future__ import annotations

import asyncio
import base64
import json
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast
from urllib.parse import quote

import aiohttp
import orjson
import uvloop

from app.documents import trusted_documents
from bench.client import PATIENCE_SECONDS
from bench.figures import Figure, at_most
from bench.house import House, free_port
from bench.processor import used_seconds
from bench.sides import Side, start_ours
from resolvers.executable_schema import build_schema
from transport.limits import Limits, check_document, check_text
from transport.operations import Operations
from transport.preparing import Prepared, id_of

BARE: Final = "bare"
CONNECTIONS: Final = 8
REQUESTS: Final = 4_000
WARM_UP: Final = 2_000
ROUNDS: Final = 5
SOCKETS: Final = 1_000
SOCKETS_AT_ONCE: Final = 50
TYPENAME_TIMES, UNCHANGED_TIMES, HANDSHAKES_SECONDS, LIMITS_PERCENT = 3.0, 2.0, 2.0, 5.0
REPEATED: Final = 20_000


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request as it stands on the wire, and what our server answers."""

    request: bytes
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    @property
    def as_told(self) -> str:
        """For the server that knows nothing else."""
        body = base64.b64encode(self.body).decode()
        return orjson.dumps({"status": self.status, "headers": self.headers, "body": body}).decode()


def measure(house: House) -> list[Figure]:
    """Our process, and one that is nothing but uvicorn, in turns."""
    ours = start_ours(house)
    token = json.loads(house.command("demo", "tokens"))["customer"]["accessToken"]
    posted = asyncio.run(exchange(ours.port, post('{"query":"{ __typename }"}')))
    found = asyncio.run(exchange(ours.port, get(categories())))
    tag = next(value for name, value in found.headers if name == "etag")
    unchanged = asyncio.run(exchange(ours.port, get(categories(), f"If-None-Match: {tag}")))
    assert unchanged.status == 304, unchanged  # noqa: PLR2004  # not modified
    figures: list[Figure] = []
    seconds_each = 0.0
    for title, each, times in (
        ("{ __typename } by POST", posted, TYPENAME_TIMES),
        ("a public document by GET", found, UNCHANGED_TIMES),
        ("the same, unchanged", unchanged, UNCHANGED_TIMES),
    ):
        mine, theirs = compared(house, ours, each)
        figures.append(at_most(f"{title}: our CPU beside bare uvicorn's", mine / theirs, times, "×"))
        figures.append(Figure("  µs a request, ours and uvicorn's", f"{mine * 1e6:.0f}, {theirs * 1e6:.0f}"))
        seconds_each = seconds_each or mine
    figures += limits_figures(seconds_each)
    seconds = statistics.median(asyncio.run(signed_in(ours, token)) for _ in range(ROUNDS))
    figures.append(at_most(f"{SOCKETS} sockets that sign in and leave, CPU", seconds, HANDSHAKES_SECONDS, "s"))
    house.end(ours.name)
    return figures


def categories() -> str:
    """The id of the document that anybody may keep."""
    return next(id_of(text) for text in trusted_documents() if "query Categories" in text)


def post(body: str) -> bytes:
    """A request as browsers' clients send it, with fewer headers."""
    lines = (
        "POST /graphql HTTP/1.1",
        "Host: 127.0.0.1",
        "Accept: application/json",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
    )
    return "\r\n".join((*lines, "", body)).encode()


def get(document_id: str, *headers: str) -> bytes:
    """A persisted query in the address."""
    more = "".join(f"{header}\r\n" for header in headers)
    address = f"/graphql?documentId={quote(document_id)}"
    return f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n{more}\r\n".encode()


async def exchange(port: int, request: bytes) -> Exchange:
    """What is answered to it."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
    headers = [(name.lower(), value) for name, _, value in (line.partition(": ") for line in head[1:])]
    length = int(dict(headers).get("content-length", "0"))
    body = await reader.readexactly(length)
    writer.close()
    kept = [(name, value) for name, value in headers if name != "date"]
    return Exchange(request, int(head[0].split(" ")[1]), kept, body)


def compared(house: House, ours: Side, each: Exchange) -> tuple[float, float]:
    """Seconds of processor time for a request, ours and uvicorn's: medians of the rounds."""
    port = free_port()
    process = house.start_program(
        BARE, sys.executable, "-m", "bench.bare", BENCH_PORT=str(port), BENCH_ANSWER=each.as_told
    )
    house.await_open(BARE, process, port)
    sides = ((ours.pid, ours.port), (process.pid, port))
    for _, at in sides:
        uvloop.run(hammered(at, each.request, WARM_UP))
    rounds = [[uvloop.run(cpu_of(pid, at, each.request)) for pid, at in sides] for _ in range(ROUNDS)]
    house.end(BARE)
    mine, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    return mine, theirs


async def cpu_of(pid: int, port: int, request: bytes) -> float:
    """Of one request among many."""
    before = used_seconds({"it": pid})["it"]
    await hammered(port, request, REQUESTS)
    return (used_seconds({"it": pid})["it"] - before) / REQUESTS


async def hammered(port: int, request: bytes, count: int) -> None:
    """So many requests, over connections that stay open."""
    loop = asyncio.get_running_loop()
    askers = [Asker(request, count // CONNECTIONS, loop.create_future()) for _ in range(CONNECTIONS)]
    for asker in askers:
        await loop.create_connection(lambda asker=asker: asker, "127.0.0.1", port)  # type: ignore[misc]
    await asyncio.gather(*(asker.done for asker in askers))


class Asker(asyncio.Protocol):
    """Asks the same again as soon as it is answered; the answers are as long as the first, so they are only counted.

    It has to be quick: what a server does beside its requests would else be shared out among few of them.
    """

    def __init__(self, request: bytes, times: int, done: asyncio.Future[None]) -> None:
        self._request, self._left, self.done = request, times, done
        self._first, self._size, self._came = b"", 0, 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one without saying so
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        """An answer, or a part of one."""
        self._came += len(data)
        if not self._size:
            self._first += data
            self._size = size_of(self._first)
        if self._size and self._came >= self._size:
            assert self._came == self._size, "every answer is as long as the first"
            self._came = 0
            self._left -= 1
            if self._left:
                self._transport.write(self._request)
            else:
                self._transport.close()
                self.done.set_result(None)


def size_of(answer: bytes) -> int:
    """How long a whole answer is, as soon as its head is there; 0 before."""
    head, end, _ = answer.partition(b"\r\n\r\n")
    at = head.lower().find(b"content-length: ")
    body = int(head[at + 16 :].partition(b"\r")[0]) if at >= 0 else 0
    return len(head) + len(end) + body if end else 0


async def signed_in(ours: Side, token: str) -> float:
    """The processor time in which sockets open, sign in, are acknowledged and close."""
    turns = asyncio.Semaphore(SOCKETS_AT_ONCE)
    init = {"type": "connection_init", "payload": {"authorization": f"Bearer {token}"}}

    async def one(http: aiohttp.ClientSession) -> None:
        async with turns, http.ws_connect(f"{ours.url}/graphql", protocols=("graphql-transport-ws",)) as socket:
            await socket.send_json(init)
            acknowledged = await socket.receive_json(timeout=PATIENCE_SECONDS)
            assert acknowledged["type"] == "connection_ack", acknowledged

    before = used_seconds({"it": ours.pid})["it"]
    async with aiohttp.ClientSession() as http:
        await asyncio.gather(*(one(http) for _ in range(SOCKETS)))
    return used_seconds({"it": ours.pid})["it"] - before


def limits_figures(seconds_each: float) -> list[Figure]:
    """What limits take of the cheapest request, and of a document that nobody knows yet."""
    operations = Operations(build_schema())
    text = next(text for text in trusted_documents() if "query Market" in text)
    known = operations.prepare(text)
    every = seconds_of(lambda: reckon(known), REPEATED)
    new = seconds_of(lambda: operations.prepare(text), REPEATED // 100)
    measured = seconds_of(lambda: limited(known), REPEATED // 100)
    return [
        at_most("limits of a known document, of the cheapest request", every / seconds_each * 100, LIMITS_PERCENT, "%"),
        Figure("  of preparing a new one (once)", f"{measured / new * 100:.1f} %"),
    ]


def reckon(known: Prepared) -> int:
    """What each request of a known document is checked for."""
    reckoned = known.costs[known.meant(None)]
    return reckoned if isinstance(reckoned, int) else reckoned({"first": 20})


def limited(known: Prepared) -> None:
    """What a new document is checked for, besides being valid."""
    check_text(known.text, Limits())
    check_document(known.document, Limits())


def seconds_of(work: Callable[[], object], times: int) -> float:
    """Processor time of one of many runs."""
    before = time.process_time()
    for _ in range(times):
        work()
    return (time.process_time() - before) / times
