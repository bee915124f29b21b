"""A ring after a commit, so that the relay need not wait for its next look."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final, Self

from realtime.broadcast import Broadcast, BroadcastDown, Subscription

CHANNEL: Final = "doorbell"
RING: Final = b"ring"
# A process that commits hundreds of times a second would else publish as often, and wake every other one for each.
REST_SECONDS: Final = 0.004


class Doorbell:
    """Rung by whoever committed, heard by whoever waits, in this process or another. One that never waits is not woken.

    Rings within one publication and `REST_SECONDS` after it are one; a ring that cannot be published is lost, since the
    relay looks by itself.
    """

    def __init__(self, broadcast: Broadcast) -> None:
        self._broadcast = broadcast
        self._heard = asyncio.Event()
        self._rung = asyncio.Event()
        self._ringing: asyncio.Task[None] | None = None
        self._subscription: Subscription | None = None

    async def __aenter__(self) -> Self:
        self._ringing = asyncio.create_task(self._ring_outside(), name="doorbell")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._ringing is not None, "left without having been entered"
        self._ringing.cancel()
        await asyncio.gather(self._ringing, return_exceptions=True)
        if self._subscription is not None:
            await self._subscription.close()

    def ring(self) -> None:
        """Something was committed. Never fails and never waits."""
        self._heard.set()
        self._rung.set()

    async def wait(self, *, timeout_seconds: float) -> None:
        """Return when it rang since the last wait, or after the time. The first wait may return without a ring."""
        if self._subscription is None:
            self._subscription = await self._broadcast.subscribe(CHANNEL, lambda _: self._heard.set())
            await self._subscription.confirmed()
            self._heard.set()  # it may have rung before we listened
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._heard.wait()
        except TimeoutError:
            return
        self._heard.clear()

    async def _ring_outside(self) -> None:
        while True:
            await self._rung.wait()
            self._rung.clear()
            try:
                await self._broadcast.publish([(CHANNEL, RING)])
            except BroadcastDown:
                continue
            await asyncio.sleep(REST_SECONDS)
