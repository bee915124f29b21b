"""What is on its way to one socket: messages that are ready in one turn, or soon after a write, go together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol

from transport.rfc6455 import frame_head

# A socket that was written to a moment ago waits this long for more: a third of the processor time, 20 ms at most.
JOIN_SECONDS: Final = 0.02
SENDING_SECONDS_MAX: Final = 1.0


class Wire(Protocol):
    """A socket that takes whole frames at once (see `transport.websocket`)."""

    @property
    def is_stalled(self) -> bool:
        """Whether what is written now would only pile up."""
        ...

    def write(self, frames: bytes) -> None:
        """Write whole frames."""
        ...

    def when_drained(self, call: Callable[[], None]) -> None:
        """Be called whenever a client that was too slow has caught up."""
        ...

    def when_stopping(self, call: Callable[[], None]) -> None:
        """Be called when the server begins to stop; the socket is then closed by whoever asked for this."""
        ...


class Joining:
    """Writes the outboxes of one event loop: those that are due at the end of a turn, the others a little later."""

    def __init__(self, join_seconds: float = JOIN_SECONDS) -> None:
        self._join_seconds = join_seconds
        self._due: list[Outbox] = []
        self._later: list[Outbox] = []

    def add(self, outbox: Outbox) -> None:
        """It has something to write."""
        loop = asyncio.get_running_loop()
        if loop.time() - outbox.written_at >= self._join_seconds:
            if not self._due:
                loop.call_soon(self._write_due)
            self._due.append(outbox)
        else:
            if not self._later:
                loop.call_later(self._join_seconds, self._write_later)
            self._later.append(outbox)

    def _write_due(self) -> None:
        due, self._due = self._due, []
        _write(due)

    def _write_later(self) -> None:
        later, self._later = self._later, []
        _write(later)


class Outbox:
    """Messages for one socket. They are counted from write to write, so that nobody fills it without bound."""

    __slots__ = ("_emptied", "_joining", "_messages", "_write", "is_queued", "rounds", "written_at")

    def __init__(self, joining: Joining, write: Callable[[list[tuple[bytes, ...]]], bool]) -> None:
        self._joining, self._write = joining, write
        self._messages: list[tuple[bytes, ...]] = []
        self._emptied: asyncio.Event | None = None
        self.is_queued = False
        self.rounds = 0
        self.written_at = 0.0

    def put(self, *parts: bytes) -> None:
        """One more message, given in parts."""
        self._messages.append(parts)
        if not self.is_queued:
            self.is_queued = True
            self._joining.add(self)

    def write(self, now: float) -> None:
        """Write everything, unless the client does not read."""
        self.is_queued = False
        if self._messages and self._write(self._messages):
            self._messages = []
            self.rounds += 1
            self.written_at = now
            if self._emptied is not None:
                self._emptied.set()
                self._emptied = None

    def drained(self) -> None:
        """The client reads again."""
        if self._messages and not self.is_queued:
            self.is_queued = True
            self._joining.add(self)

    async def emptied(self) -> None:
        """Return when nothing is left in it."""
        while self._messages:
            if self._emptied is None:
                self._emptied = asyncio.Event()
            await self._emptied.wait()


def wired_outbox(joining: Joining, wire: Wire) -> Outbox:
    """An outbox that writes frames straight to the socket."""

    def write(messages: list[tuple[bytes, ...]]) -> bool:
        if wire.is_stalled:
            return False
        frames: list[bytes] = []
        for parts in messages:
            frames.append(frame_head(sum(map(len, parts))))
            frames += parts
        wire.write(b"".join(frames))
        return True

    outbox = Outbox(joining, write)
    wire.when_drained(outbox.drained)
    return outbox


class SendingOutbox:
    """The writer of an outbox on a server that is only ASGI: one message after the other, in a task of its own."""

    def __init__(self, joining: Joining, send: Callable[[Any], Awaitable[None]]) -> None:
        self._send = send
        self._sending: asyncio.Task[None] | None = None
        self.outbox = Outbox(joining, self._begin)

    def _begin(self, messages: list[tuple[bytes, ...]]) -> bool:
        if self._sending is not None:
            return False
        self._sending = asyncio.create_task(self._send_all(messages), name="writing to a socket")
        return True

    async def _send_all(self, messages: list[tuple[bytes, ...]]) -> None:
        for parts in messages:
            try:
                await self._send({"type": "websocket.send", "text": b"".join(parts).decode()})
            except Exception:  # servers differ in what they raise for a client that is gone; its end is told elsewhere
                return
        self._sending = None
        self.outbox.drained()

    async def sent(self) -> None:
        """Return when what was under way has gone out, or when it takes too long."""
        if self._sending is not None:
            await asyncio.wait((self._sending,), timeout=SENDING_SECONDS_MAX)

    async def closed(self) -> None:
        """Write no more."""
        if self._sending is not None:
            self._sending.cancel()
            await asyncio.gather(self._sending, return_exceptions=True)


def _write(outboxes: list[Outbox]) -> None:
    now = asyncio.get_running_loop().time()
    for outbox in outboxes:
        outbox.write(now)
