"""Answers that go on: one request, one operation, one stream, in whatever form the client reads it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from transport.answer import Answer, Stream
from transport.reading import read_alone
from transport.shared import Attached, SharedSource

# The caller's credential ended, which is why streams are closed from outside: what a request with it is told.
CLOSED: Final = "AUTHENTICATION_ERROR"
# What is gathered, kept or compressed on the way does not arrive in time.
HEADERS: Final = [(b"cache-control", b"no-cache, no-transform"), (b"x-accel-buffering", b"no")]

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]


class Framing(Protocol):
    """How a stream is written."""

    content_type: bytes
    opening: bytes
    """What stands before everything."""
    heartbeat: bytes
    heartbeat_seconds: float
    """A silent stream says this often that it lives."""
    closing: bytes
    """What says that nothing follows."""

    def item(self, answer: bytes, cursor: str) -> bytes:
        """One answer, and the cursor behind it where there is one."""
        ...

    def fault(self, errors: list[Any]) -> bytes:
        """Why the stream ends before its operation does."""
        ...


class OpenStreams:
    """Those of one endpoint, so that they can be ended together."""

    def __init__(self) -> None:
        self._streams: set[ResponseStream] = set()
        self._are_stopped = False

    def add(self, stream: ResponseStream) -> None:
        """One more, which is over at once where all others are."""
        self._streams.add(stream)
        if self._are_stopped:
            stream.stop()

    def discard(self, stream: ResponseStream) -> None:
        """It is over."""
        self._streams.discard(stream)

    def stop(self) -> None:
        """End them all, and every later one."""
        self._are_stopped = True
        for stream in tuple(self._streams):
            stream.stop()


class ResponseStream:
    """The answer to one request, and the sink of its stream."""

    def __init__(
        self,
        framing: Framing,
        receive: Receive,
        send: Send,
        *,
        fault: Callable[[Exception], list[Any]],
        among: OpenStreams,
    ) -> None:
        self._among = among
        self._framing, self._receive, self._send, self._fault = framing, receive, send, fault
        self._events: deque[bytes] = deque([framing.opening] if framing.opening else ())
        self._has_ended = False
        self._something, self._nothing = asyncio.Event(), asyncio.Event()
        self._attached: Attached | None = None
        self._running: asyncio.Task[None] | None = None

    async def serve(self, opened: Answer | Stream, *, after: str | None) -> None:
        """Until the operation is over or the client is gone."""
        headers = [(b"content-type", self._framing.content_type), *HEADERS]
        await self._send({"type": "http.response.start", "status": 200, "headers": headers})
        self._among.add(self)
        if not self._has_ended:
            self._running = asyncio.create_task(self._run(opened, after), name="operation of a stream")
        writing = asyncio.create_task(self._write(), name="writing a stream")
        leaving = asyncio.create_task(self._left(), name="client of a stream")
        try:
            await asyncio.wait((writing, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._among.discard(self)
            self._stop()
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, *filter(None, [self._running]), return_exceptions=True)

    async def close(self, code: int, reason: str) -> None:
        """End it from outside: the client reads why, and nothing after it."""
        if not self._has_ended:
            self._stop()
            error = {"message": reason, "extensions": {"code": CLOSED, "closeCode": code}}
            self._put(self._framing.fault([error]))
            self.end()

    def stop(self) -> None:
        """End it from outside, as if its operation were over."""
        if not self._has_ended:
            self._stop()
            self.end()

    @property
    def waiting(self) -> int:
        """Events that were not written yet."""
        return len(self._events)

    def next(self, item: bytes, cursor: str) -> None:
        """One more answer."""
        if not self._has_ended:
            self._put(self._framing.item(item, cursor))

    def end(self) -> None:
        """Nothing follows."""
        if not self._has_ended:
            self._has_ended = True
            self._put(self._framing.closing)

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
            if not self._has_ended:
                self._put(self._framing.fault(self._fault(raised)))
            self.end()

    async def _write(self) -> None:
        while True:
            if not self._events:
                self._nothing.set()
                if self._has_ended:
                    break
                self._something.clear()
                try:
                    async with asyncio.timeout(self._framing.heartbeat_seconds):
                        await self._something.wait()
                except TimeoutError:
                    self._events.append(self._framing.heartbeat)
            together = b"".join(self._events)
            self._events.clear()
            await self._send({"type": "http.response.body", "body": together, "more_body": True})
        await self._send({"type": "http.response.body", "body": b""})

    async def _left(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
