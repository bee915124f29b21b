"""Our HTTP connections: whole answers in one piece, everything else as uvicorn does it, and rest that ends in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import orjson
import pytest
import uvicorn

from tests.transport.serving import served
from transport.http_connection import HEAD_BYTES_MAX, HttpConnection

PATIENCE_SECONDS = 5
Send = Callable[[dict[str, Any]], Awaitable[None]]
GET = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


def head(*headers: tuple[bytes, bytes], status: int = 200) -> dict[str, Any]:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(text: bytes, *, more: bool = False) -> dict[str, Any]:
    return {"type": "http.response.body", "body": text, "more_body": more}


@asynccontextmanager
async def connected(
    answer: Callable[[Any, Send], Awaitable[None]], *, keep_alive_seconds: float = 60
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    """A connection to a server that answers each request so."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await answer(scope, send)

    config = uvicorn.Config(
        application, http=HttpConnection, lifespan="off", log_config=None, access_log=False, date_header=False
    )
    config.server_header = False
    config.timeout_graceful_shutdown = 1
    config.timeout_keep_alive = keep_alive_seconds  # type: ignore[assignment]  # a test does not wait for seconds
    async with served(config) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                yield reader, writer
        finally:
            writer.close()


async def test_a_whole_answer_comes_in_one_piece_and_the_connection_goes_on() -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-type", b"text/plain"), (b"content-length", b"5")))
        await send(body(b"hello"))

    async with connected(answer) as (reader, writer):
        for _ in range(3):
            writer.write(GET)
            expected = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 5\r\n\r\nhello"
            assert await reader.read(1_000) == expected


@pytest.mark.parametrize(("status", "phrase"), [(304, b"304 Not Modified"), (204, b"204 No Content")])
async def test_an_answer_that_never_has_a_body_comes_in_one_piece_too(status: int, phrase: bytes) -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"etag", b'"a"'), status=status))
        await send({"type": "http.response.body"})

    async with connected(answer) as (reader, writer):
        for _ in range(2):
            writer.write(GET)
            assert await reader.read(1_000) == b"HTTP/1.1 " + phrase + b'\r\netag: "a"\r\n\r\n'


async def test_requests_that_were_sent_at_once_are_answered_in_their_order() -> None:
    async def answer(scope: Any, send: Send) -> None:
        text: bytes = scope["raw_path"]
        await asyncio.sleep(0.02 if text == b"/1" else 0)
        await send(head((b"content-length", b"2")))
        await send(body(text))

    async with connected(answer) as (reader, writer):
        writer.write(b"".join(GET.replace(b"/ ", b"/%d " % number) for number in (1, 2)))

        assert (await reader.readuntil(b"\r\n\r\n/1")).startswith(b"HTTP/1.1 200")
        assert (await reader.readuntil(b"\r\n\r\n/2")).startswith(b"HTTP/1.1 200")


async def test_the_head_of_a_stream_does_not_wait_for_its_first_piece() -> None:
    going_on = asyncio.Event()

    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-type", b"text/event-stream")))
        await going_on.wait()
        await send(body(b"late", more=True))
        await send(body(b""))

    async with connected(answer) as (reader, writer):
        writer.write(GET)

        assert b"transfer-encoding: chunked" in await reader.readuntil(b"\r\n\r\n")
        going_on.set()
        assert await reader.readexactly(14) == b"4\r\nlate\r\n0\r\n\r\n"


async def test_a_measured_body_may_come_in_pieces() -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-length", b"6")))
        await send(body(b"one", more=True))
        await send(body(b"two"))

    async with connected(answer) as (reader, writer):
        writer.write(GET)

        assert (await reader.readuntil(b"onetwo")).count(b"\r\n\r\n") == 1


@pytest.mark.parametrize("length", [b"4", b"6"])
async def test_a_body_of_another_length_than_was_said_ends_the_connection(length: bytes) -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-length", length)))
        await send(body(b"hello"))

    async with connected(answer) as (reader, writer):
        writer.write(GET)

        assert b"hello\r\n" not in await reader.read()


async def test_head_is_answered_without_a_body() -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-length", b"5")))
        await send(body(b"hello"))

    async with connected(answer) as (reader, writer):
        writer.write(GET.replace(b"GET", b"HEAD") + GET)

        answers = await reader.readuntil(b"hello")
        assert answers.count(b"HTTP/1.1 200 OK") == 2
        assert answers.count(b"hello") == 1


@pytest.mark.parametrize(
    "header", [(b"x-name", b"a\r\nset-cookie: b"), (b"x-name", b"a\0"), (b"x\r\nset-cookie: b", b"a")]
)
async def test_a_header_that_would_be_more_than_one_is_never_written(header: tuple[bytes, bytes]) -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-length", b"5"), header))
        await send(body(b"hello"))

    async with connected(answer) as (reader, writer):
        writer.write(GET)

        answer_ = await reader.readuntil(b"Internal Server Error")
        assert answer_.startswith(b"HTTP/1.1 500")
        assert b"set-cookie" not in answer_


async def test_a_fault_between_head_and_body_is_told() -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-length", b"5")))
        raise RuntimeError("no body")

    async with connected(answer) as (reader, writer):
        writer.write(GET)

        assert (await reader.read()).startswith(b"HTTP/1.1 500")


async def test_a_client_that_wants_no_other_request_is_told_goodbye() -> None:
    async def answer(_: Any, send: Send) -> None:
        await send(head((b"content-length", b"5")))
        await send(body(b"hello"))

    async with connected(answer) as (reader, writer):
        writer.write(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))

        assert b"\r\nconnection: close\r\n" in await reader.read()


async def test_a_connection_that_rests_too_long_is_closed_and_one_that_works_is_not() -> None:
    async def answer(scope: Any, send: Send) -> None:
        await asyncio.sleep(0.4 if scope["raw_path"] == b"/slow" else 0)
        await send(head((b"content-length", b"5")))
        await send(body(b"hello"))

    async with connected(answer, keep_alive_seconds=0.2) as (reader, writer):
        loop = asyncio.get_running_loop()
        for path in (b"/", b"/slow", b"/"):
            await asyncio.sleep(0.1)
            writer.write(GET.replace(b"/ ", path + b" "))
            await reader.readuntil(b"hello")

        rested = loop.time()
        assert await reader.read() == b""
        assert 0.1 < loop.time() - rested < 2


async def hello(_: Any, send: Send) -> None:
    await send(head((b"content-length", b"5")))
    await send(body(b"hello"))


@pytest.mark.parametrize("begun", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"])
async def test_a_head_that_does_not_come_in_time_is_not_waited_for(begun: bytes) -> None:
    async with connected(hello, keep_alive_seconds=0.3) as (reader, writer):
        writer.write(begun)
        await asyncio.sleep(0.2)
        writer.write(begun and b"X-Slow: 1\r\n")

        began = asyncio.get_running_loop().time()
        assert await reader.read() == b""
        assert asyncio.get_running_loop().time() - began < 2


async def test_an_endless_head_is_refused() -> None:
    async with connected(hello) as (reader, writer):
        writer.write(GET[:-2])
        await asyncio.sleep(0.05)
        writer.write(b"X-Long: " + b"a" * (HEAD_BYTES_MAX - 7))

        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 431 ")
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2])["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


async def test_a_head_of_usual_length_may_come_in_pieces() -> None:
    async with connected(hello) as (reader, writer):
        for piece in (GET[:-2], *(b"X-%d: %s\r\n" % (number, b"a" * 1_000) for number in range(30)), b"\r\n"):
            writer.write(piece)
            await asyncio.sleep(0)

        assert (await reader.read(1_000)).endswith(b"hello")


async def test_what_is_no_http_is_refused_as_everything_else_is() -> None:
    async with connected(hello) as (reader, writer):
        writer.write(b"HELLO\r\n\r\n")

        answer = await reader.read()

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"\r\ncontent-type: application/json; charset=utf-8\r\n" in answer
    assert orjson.loads(answer.partition(b"\r\n\r\n")[2]) == {
        "errors": [{"message": "This is no HTTP request.", "extensions": {"code": "BAD_REQUEST"}}]
    }


async def test_what_comes_behind_a_body_is_no_header() -> None:
    named: list[bytes] = []

    async def answer(scope: Any, send: Send) -> None:
        named.extend(name for name, _ in scope["headers"])
        await hello(scope, send)

    async with connected(answer) as (reader, writer):
        chunked = b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        writer.write(chunked + b"1\r\na\r\n0\r\nX-Forwarded-For: 10.0.0.1\r\n\r\n")
        assert (await reader.read(1_000)).endswith(b"hello")

    assert named == [b"host", b"transfer-encoding"]


async def test_what_is_no_http_is_not_refused_in_the_place_of_an_answer() -> None:
    async def answer(scope: Any, send: Send) -> None:
        await asyncio.sleep(0.1)
        await hello(scope, send)

    async with connected(answer) as (reader, writer):
        writer.write(GET + b"HELLO\r\n\r\n")

        assert await reader.read() == b""


async def test_a_body_that_is_no_http_is_refused() -> None:
    async with connected(hello) as (reader, writer):
        writer.write(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n")

        assert (await reader.read()).startswith(b"HTTP/1.1 400 ")
