"""A client that subscribes, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson

from db.outbox import waiting
from domain.identity.actor import Actor
from realtime.doorbell import Doorbell
from realtime.queue import ItemQueue
from tests.api import ApiProcess
from transport.answer import Answer
from transport.asking import Asked
from transport.shared import SharedSource

HEAD = "id type schemaVersion occurredAt cursor position requestId"


class Listening:
    """One subscription: its items in the order they came."""

    def __init__(self, answers: AsyncIterator[bytes]) -> None:
        self._answers = answers

    async def next(self, *, within_seconds: float = 5.0) -> dict[str, Any]:
        """The next item's root field."""
        answer = orjson.loads(await asyncio.wait_for(anext(self._answers), within_seconds))
        assert "errors" not in answer, answer["errors"]
        item: dict[str, Any] = next(iter(answer["data"].values()))
        return item

    async def refusal(self) -> dict[str, Any]:
        """The extensions of the error that ends it."""
        answer = orjson.loads(await asyncio.wait_for(anext(self._answers), 5.0))
        extensions: dict[str, Any] = answer["errors"][0]["extensions"]
        return extensions

    async def silence(self, *, for_seconds: float = 0.5) -> None:
        """Nothing comes. The subscription is over afterwards."""
        try:
            item = await self.next(within_seconds=for_seconds)
        except TimeoutError:
            return
        raise AssertionError(f"heard {item}")


class LiveApi:
    """The API of one process with a relay beside it."""

    def __init__(self, process: ApiProcess, doorbell: Doorbell) -> None:
        self._process, self._doorbell = process, doorbell

    async def settled(self) -> None:
        """Everything that was committed has its positions and was told."""
        database = self._process.commands.database
        async with asyncio.timeout(5):
            while True:
                self._doorbell.ring()
                async with database.read() as connection:
                    if not await waiting(connection, limit=1):
                        return
                await asyncio.sleep(0.01)

    @asynccontextmanager
    async def listening(self, actor: Actor, document: str, **variables: Any) -> AsyncIterator[Listening]:
        """A subscription of this actor, ended at the end of the block."""
        asked, context = Asked(document, orjson.loads(orjson.dumps(variables))), self._process.context(actor)
        opened = await self._process.operations.open(asked, context)
        answers: ItemQueue[bytes] = ItemQueue()
        if isinstance(opened, Answer):
            answers.next(opened.body, "")
            yield Listening(answers)
            return
        assert isinstance(opened.source, SharedSource)
        attached = await opened.source.attach(answers, likeness=opened.likeness, render=opened.render)
        try:
            yield Listening(answers)
        finally:
            attached.close()
