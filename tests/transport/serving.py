"""A real server around an application, on a port of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn

START_SECONDS = 10


@asynccontextmanager
async def served(config: uvicorn.Config, server: uvicorn.Server | None = None) -> AsyncIterator[str]:
    """Serve in this loop; the address, until the end of the block."""
    config.port = 0
    server = server or uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    async with asyncio.timeout(START_SECONDS):
        while not server.started:  # noqa: ASYNC110  # uvicorn has a flag and no event
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        await serving
