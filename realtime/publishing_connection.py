"""One connection that publishes on one server."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Sequence
from typing import Final

from redis.asyncio.connection import AbstractConnection, ConnectionPool
from redis.exceptions import RedisError, ResponseError

ANSWER_SECONDS: Final = 5.0

Message = tuple[str, bytes]


class PublishingConnection:
    """Publishes batch after batch, in the order of the calls, each in one round trip.

    redis-py's pipelines cost twice as much: they serve every command there is, and take a connection out of a pool.
    """

    def __init__(self, pool: ConnectionPool, *, word: str) -> None:
        self._pool, self._word = pool, word
        self._connection: AbstractConnection | None = None
        self._turn = asyncio.Lock()

    async def publish(self, messages: Sequence[Message]) -> list[ResponseError | None]:
        """What the server refused, message by message.

        A connection of before a restart of the server is noticed only when it is used, so that is tried twice.

        Raises RedisError or OSError when some may not have gone out.
        """
        async with self._turn, asyncio.timeout(ANSWER_SECONDS):
            if self._connection is not None:
                try:
                    return await self._send(self._connection, messages)
                except (RedisError, OSError):
                    pass  # it is gone, see below
            connection = self._pool.make_connection()  # type: ignore[no-untyped-call]
            await connection.connect()
            return await self._send(connection, messages)

    async def close(self) -> None:
        """Give the connection back."""
        if self._connection is not None:
            await self._connection.disconnect()

    async def _send(self, connection: AbstractConnection, messages: Sequence[Message]) -> list[ResponseError | None]:
        """Whatever interrupts it, answers that nobody read must not be taken for those of the next batch."""
        self._connection = None
        try:
            orders = connection.pack_commands([(self._word, channel, message) for channel, message in messages])
            await connection.send_packed_command(orders, check_health=False)
            refusals = [await _refusal(connection) for _ in messages]
        except BaseException:
            await connection.disconnect(nowait=True)
            raise
        self._connection = connection
        return refusals


async def _refusal(connection: AbstractConnection) -> ResponseError | None:
    try:
        await connection.read_response(timeout=math.inf)
    except ResponseError as refusal:
        return refusal
    return None
