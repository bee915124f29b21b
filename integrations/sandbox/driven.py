"""What every server of the sandbox lets people do to it: move its time on, and let it be away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Final

from aiohttp import web

CONTROL: Final = "/sandbox/"
"""In every path that no provider has."""
UNAVAILABLE: Final = 503


class Driven:
    """The time of one server, which may be ahead of the machine's, and until when it is away."""

    def __init__(self, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._machine, self._ahead = now, timedelta(0)
        self._moved = asyncio.Event()
        self._away_until: datetime | None = None

    def now(self) -> datetime:
        """The instant of the sandbox."""
        return self._machine() + self._ahead

    def be_ahead(self, ahead: timedelta) -> None:
        """Be at least so far ahead of the machine; whoever waits looks at the clock anew."""
        self._ahead = max(self._ahead, ahead)
        self._moved.set()
        self._moved = asyncio.Event()

    def go_down(self, duration: timedelta) -> None:
        """Be away for so long."""
        self._away_until = self.now() + duration

    @property
    def is_down(self) -> bool:
        """Whether it is away."""
        return self._away_until is not None and self.now() < self._away_until

    async def pass_time(self, seconds: float) -> None:
        """Return when so much time has passed, by itself or by being moved on."""
        loop = asyncio.get_running_loop()
        due = loop.time() + self._ahead.total_seconds() + seconds
        while (left := due - loop.time() - self._ahead.total_seconds()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), left)

    def add_to(self, application: web.Application) -> None:
        """Its paths, and its being away on all others."""
        application.router.add_post(f"{CONTROL}clock", self._clock)
        application.router.add_post(f"{CONTROL}outages", self._outage)
        application.middlewares.append(self._answered)

    @web.middleware
    async def _answered(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        if self.is_down and CONTROL not in request.path:
            return web.Response(status=UNAVAILABLE, text="Service Unavailable")
        return await handler(request)

    async def _clock(self, request: web.Request) -> web.Response:
        self.be_ahead(timedelta(seconds=(await request.json())["ahead_seconds"]))
        return web.json_response({"now": self.now().isoformat()})

    async def _outage(self, request: web.Request) -> web.Response:
        self.go_down(timedelta(seconds=(await request.json())["seconds"]))
        return web.json_response({})
