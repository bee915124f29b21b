"""The general limit: counted in memory, and exchanged through Redis so that all API processes count together."""

from __future__ import annotations

import asyncio
import logging
from types import TracebackType
from typing import Final, Self

from redis.exceptions import RedisError

from domain.clock import Clock
from domain.rate_limits import RateState
from integrations.redis.rate_exchange import RateExchange
from integrations.redis.rate_windows import CALLERS_MAX, RateWindow

EXCHANGE_SECONDS: Final = 0.1
# A cluster of which one node is away fails for some callers only; that is one outage and not many.
CALM_SECONDS: Final = 2.0

_log = logging.getLogger(__name__)


class SharedRateLimiter:
    """Fixed windows of a minute. Exact for what one process sees; what several see within one exchange may pass.

    While Redis is away each process goes on counting alone. What was told when an exchange fails is not told again:
    a server that is merely slow would count it several times and refuse people who did nothing.
    """

    def __init__(self, redis_url: str, *, per_minute: int, clock: Clock, callers_max: int = CALLERS_MAX) -> None:
        self._limit, self._clock, self._callers_max = per_minute, clock, callers_max
        self._others = RateExchange(redis_url)
        self._window = RateWindow.at(clock.now(), callers_max=callers_max)
        self._exchanging: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._exchanging = asyncio.create_task(self._exchange_for_ever(), name="rate limits")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._exchanging is not None, "left without having been entered"
        self._exchanging.cancel()
        await asyncio.gather(self._exchanging, return_exceptions=True)
        await self._others.close()

    def hit(self, caller: str) -> RateState | None:
        """Count one operation of `caller`; refused ones are not counted, so a flood costs nothing."""
        window = self._present_window()
        tally = window.tally_of(caller)
        if tally is None:
            return None
        left = self._limit - tally.here - tally.elsewhere
        if left <= 0:
            return RateState(self._limit, 0, window.ends_at, is_exceeded=True)
        tally.here += 1
        window.untold.add(caller)
        return RateState(self._limit, left - 1, window.ends_at, is_exceeded=False)

    async def exchange(self) -> bool:
        """Tell the other processes what is new and learn what they counted. Whether there was anything to tell.

        Raises RedisError or OSError when not everything could be told.
        """
        return await self._others.exchange(self._present_window())

    def _present_window(self) -> RateWindow:
        now = self._clock.now()
        if now >= self._window.ends_at:
            if self._window.is_full:
                _log.warning("more than %d callers in a minute; the others were not counted", self._callers_max)
            self._window = RateWindow.at(now, callers_max=self._callers_max)
        return self._window

    async def _exchange_for_ever(self) -> None:
        loop = asyncio.get_running_loop()
        failed_at: float | None = None
        while True:
            await asyncio.sleep(EXCHANGE_SECONDS)
            try:
                has_told = await self.exchange()
            except (RedisError, OSError) as fault:
                if failed_at is None:
                    _log.warning("rate limits are counted by each process alone: %s", fault)
                failed_at = loop.time()
            else:
                if has_told and failed_at is not None and loop.time() - failed_at > CALM_SECONDS:
                    failed_at = None
                    _log.warning("rate limits are counted together again")
