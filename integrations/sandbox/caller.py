"""Callbacks of the sandbox's servers: over HTTP, later, as often as somebody wanted."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
from aiohttp import web

TIMEOUT: Final = aiohttp.ClientTimeout(total=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One callback as it was sent, and what it was answered with; 0 where nobody was there."""

    headers: Mapping[str, str]
    body: bytes
    status: int


@dataclass(eq=False)
class Caller:
    """Calls one address. `sent` is everything that was."""

    address: str
    sent: list[Sent] = field(default_factory=list)
    _tasks: set[asyncio.Task[None]] = field(default_factory=set)

    async def call(self, headers: Mapping[str, str], body: bytes) -> None:
        """Send it now."""
        given = {"Content-Type": "application/json", **headers}
        try:
            async with (
                aiohttp.ClientSession(timeout=TIMEOUT) as session,
                session.post(self.address, data=body, headers=given) as response,
            ):
                status = response.status
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        self.sent.append(Sent(headers=given, body=body, status=status))

    def later(self, work: Coroutine[Any, Any, None]) -> None:
        """Do it besides."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def hang_up(self, _: web.Application) -> None:
        """Nothing more is sent."""
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
