"""Round trips to PostgreSQL, counted on the wire: how often a process speaks after the server has spoken.

That is what a command waits for, whatever the driver calls it: a `begin` that travels with the first statement is one,
and a statement that is prepared before it runs is two.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import make_url

CHUNK_BYTES: Final = 64 * 1024
POSTGRES_PORT: Final = 5432


@dataclass
class Counted:
    """A place to connect to in the server's stead. `trips` counts for all connections together."""

    database_url: str
    trips: int = 0
    pumps: set[asyncio.Task[None]] = field(default_factory=set)


@asynccontextmanager
async def counting(database_url: str) -> AsyncIterator[Counted]:
    """Stand between a process and its server, on a port of this machine."""
    url = make_url(database_url)
    place = str(url.query.get("host") or url.host or "127.0.0.1")
    port = int(str(url.query.get("port") or url.port or POSTGRES_PORT))

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if place.startswith("/"):
            theirs, ours = await asyncio.open_unix_connection(f"{place}/.s.PGSQL.{port}")
        else:
            theirs, ours = await asyncio.open_connection(place, port)
        has_answered = True

        async def ask() -> None:
            nonlocal has_answered
            while chunk := await reader.read(CHUNK_BYTES):
                counted.trips += has_answered
                has_answered = False
                ours.write(chunk)
            ours.close()

        async def answer() -> None:
            nonlocal has_answered
            while chunk := await theirs.read(CHUNK_BYTES):
                has_answered = True
                writer.write(chunk)
            writer.close()

        for pump in (ask, answer):
            task = asyncio.create_task(_until_closed(pump()))
            counted.pumps.add(task)
            task.add_done_callback(counted.pumps.discard)

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    here = server.sockets[0].getsockname()[1]
    counted = Counted(url.set(host="127.0.0.1", port=here, query={}).render_as_string(hide_password=False))
    try:
        yield counted
    finally:
        server.close()
        for task in list(counted.pumps):
            task.cancel()
        await asyncio.gather(*counted.pumps, return_exceptions=True)


async def _until_closed(pump: object) -> None:
    assert asyncio.iscoroutine(pump)
    with contextlib.suppress(ConnectionError, asyncio.CancelledError):
        await pump
