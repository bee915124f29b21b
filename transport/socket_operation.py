"""One operation of a socket: a query, a mutation, or a subscription with its stream."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import orjson
from graphql import GraphQLError

from transport import messages
from transport.answer import Answer, Stream
from transport.asking import Asked
from transport.operations import OPERATION_SECONDS_MAX, TOO_LONG
from transport.reading import read_alone
from transport.shared import Attached, SharedSource

if TYPE_CHECKING:
    from transport.socket import Socket


class SocketOperation:
    """Runs in a task of its own until its stream is shared; from then on it only takes what it is given."""

    __slots__ = ("_attached", "_count", "_head", "_id", "_is_listening", "_is_over", "_round", "_socket", "_task")

    def __init__(self, socket: Socket, id: str) -> None:
        self._socket, self._id = socket, id
        self._head = messages.next_head(id)
        self._round, self._count = -1, 0
        self._is_over = self._is_listening = False
        self._attached: Attached | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, asked: Asked, context: Any) -> None:
        """Begin; what it answers goes to the socket."""
        self._task = asyncio.create_task(self._run(asked, context), name="operation of a socket")

    def stop(self) -> None:
        """The client wants no more of it, or is gone."""
        self._is_over = True
        if self._attached is not None:
            self._attached.close()
        if self._task is not None:
            self._task.cancel()

    @property
    def answering(self) -> asyncio.Task[None] | None:
        """What ends with its only answer; nothing where it goes on telling."""
        return None if self._is_listening else self._task

    # It is the sink of its stream.

    @property
    def waiting(self) -> int:
        """Items that were not written to the socket yet."""
        return self._count if self._round == self._socket.outbox.rounds else 0

    def next(self, item: bytes, cursor: str) -> None:  # noqa: ARG002  # clients of sockets find it in the item
        """One more answer."""
        if self._is_over:
            return
        outbox = self._socket.outbox
        if self._round == outbox.rounds:
            self._count += 1
        else:
            self._round, self._count = outbox.rounds, 1
        outbox.put(self._head, item, b"}")

    def end(self) -> None:
        """Nothing follows."""
        if not self._is_over:
            self._is_over = True
            self._socket.running.pop(self._id, None)
            self._socket.outbox.put(messages.complete(self._id))

    async def emptied(self) -> None:
        """Return when everything was written."""
        await self._socket.outbox.emptied()

    async def _run(self, asked: Asked, context: Any) -> None:
        try:
            opened = await self._opened(asked, context)
            self._is_listening = isinstance(opened, Stream)
            if opened is None:
                late = GraphQLError(TOO_LONG, extensions={"code": "TIMEOUT"})
                self._fail(self._socket.operations.fault(late, context))
            elif isinstance(opened, Answer):
                self._answer(opened)
            elif isinstance(opened.source, SharedSource):
                await self._share(opened, opened.source)
            else:
                await read_alone(opened, self)
        except Exception as raised:  # whatever a source of the schema's owner may raise
            self._fail(self._socket.operations.fault(raised, context))
        finally:
            self._task = None

    async def _opened(self, asked: Asked, context: Any) -> Answer | Stream | None:
        """Its answer or its stream; None when neither came in time."""
        try:
            async with asyncio.timeout(OPERATION_SECONDS_MAX):
                return await self._socket.operations.open(asked, context)
        except TimeoutError:
            return None

    def _answer(self, answer: Answer) -> None:
        if answer.has_run:
            self.next(answer.body, "")
            self.end()
        else:
            self._fail(orjson.loads(answer.body)["errors"])

    def _fail(self, errors: list[Any]) -> None:
        if not self._is_over:
            self._is_over = True
            self._socket.running.pop(self._id, None)
            self._socket.outbox.put(messages.error(self._id, errors))

    async def _share(self, stream: Stream, source: SharedSource) -> None:
        attached = await source.attach(self, likeness=stream.likeness, render=stream.render)
        if self._is_over:
            attached.close()
        else:
            self._attached = attached
