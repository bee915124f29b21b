"""Server-sent events, as graphql-sse's distinct connections mode has them: one request, one operation, one stream."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

import orjson

from transport.operations import Answer, Stream
from transport.reading import read_alone
from transport.shared import Attached, SharedSource

HEARTBEAT_SECONDS: Final = 15.0
HEARTBEAT: Final = b":\n\n"
COMPLETE: Final = b"event: complete\ndata:\n\n"
# The caller's credential ended, which is why streams are closed from outside: what a request with it is told.
CLOSED: Final = "AUTHENTICATION_ERROR"
HEADERS: Final = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache"),
    (b"x-accel-buffering", b"no"),
]

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class EventStream:
    """The answer to one request, and the sink of its stream."""

    def __init__(self, receive: Receive, send: Send, *, fault: Callable[[Exception], list[Any]]) -> None:
        self._receive, self._send, self._fault = receive, send, fault
        self._events: deque[bytes] = deque()
        self._has_ended = False
        self._something, self._nothing = asyncio.Event(), asyncio.Event()
        self._attached: Attached | None = None
        self._running: asyncio.Task[None] | None = None

    async def serve(self, opened: Answer | Stream, *, after: str | None) -> None:
        """Until the operation is over or the client is gone."""
        await self._send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        if not self._has_ended:
            self._running = asyncio.create_task(self._run(opened, after), name="operation of an event stream")
        writing = asyncio.create_task(self._write(), name="writing an event stream")
        leaving = asyncio.create_task(self._left(), name="client of an event stream")
        try:
            await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._stop()
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, *filter(None, [self._running]), return_exceptions=True)

    async def close(self, code: int, reason: str) -> None:
        """End it from outside: the client reads why, and nothing after it."""
        if not self._has_ended:
            self._stop()
            error = {"message": reason, "extensions": {"code": CLOSED, "closeCode": code}}
            self.next(orjson.dumps({"errors": [error]}), "")
            self.end()

    @property
    def waiting(self) -> int:
        """Events that were not written yet."""
        return len(self._events)

    def next(self, item: bytes, cursor: str) -> None:
        """One more answer. Its id is the cursor, which comes back as Last-Event-ID."""
        if self._has_ended:
            return
        head = f"id: {cursor}\n".encode() if cursor else b""
        self._put(head + b"event: next\ndata: " + item + b"\n\n")

    def end(self) -> None:
        """Nothing follows."""
        if not self._has_ended:
            self._has_ended = True
            self._put(COMPLETE)

    async def emptied(self) -> None:
        """Return when everything was written."""
        while self._events:
            self._nothing.clear()
            await self._nothing.wait()

    def _stop(self) -> None:
        if self._attached is not None:
            self._attached.close()
        if self._running is not None:
            self._running.cancel()

    def _put(self, event: bytes) -> None:
        self._events.append(event)
        self._something.set()

    async def _run(self, opened: Answer | Stream, after: str | None) -> None:
        try:
            if isinstance(opened, Answer):
                self.next(opened.body, "")
                self.end()
            elif isinstance(opened.source, SharedSource):
                self._attached = await opened.source.attach(
                    self, likeness=opened.likeness, render=opened.render, after=after
                )
            else:
                await read_alone(opened, self)
        except Exception as raised:  # whatever a source of the schema's owner may raise
            self.next(orjson.dumps({"errors": self._fault(raised)}), "")
            self.end()

    async def _write(self) -> None:
        while True:
            if not self._events:
                self._nothing.set()
                if self._has_ended:
                    break
                self._something.clear()
                try:
                    async with asyncio.timeout(HEARTBEAT_SECONDS):
                        await self._something.wait()
                except TimeoutError:
                    self._events.append(HEARTBEAT)
            together = b"".join(self._events)
            self._events.clear()
            await self._send({"type": "http.response.body", "body": together, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def _left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
