"""A client that subscribes, without a network."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from strawberry.types.execution import ExecutionResult, PreExecutionError

from db.outbox import waiting
from domain.identity.actor import Actor
from realtime.doorbell import Doorbell
from tests.api import ApiProcess

HEAD = "id type schemaVersion occurredAt cursor requestId"


class Listening:
    """One subscription: its items in the order they came."""

    def __init__(self, results: AsyncIterator[ExecutionResult]) -> None:
        self._results = results

    async def next(self, *, within_seconds: float = 5.0) -> dict[str, Any]:
        """The next item's root field."""
        result = await asyncio.wait_for(anext(self._results), within_seconds)
        assert not result.errors, result.errors
        assert result.data is not None
        item: dict[str, Any] = next(iter(result.data.values()))
        return item

    async def refusal(self) -> dict[str, Any]:
        """The extensions of the error that ends it."""
        result = await asyncio.wait_for(anext(self._results), 5.0)
        assert result.errors, result.data
        assert result.errors[0].extensions is not None
        return result.errors[0].extensions

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
        results = await self._process.schema.subscribe(
            document, variable_values=variables, context_value=self._process.context(actor)
        )
        assert not isinstance(results, PreExecutionError), results.errors
        try:
            yield Listening(results)
        finally:
            await results.aclose()
