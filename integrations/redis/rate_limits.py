"""The general limit: counted in memory, and exchanged through Redis so that all API processes count together."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Self
from zlib import crc32

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from domain.clock import Clock
from domain.rate_limits import RateState
from integrations.redis.rate_windows import CALLERS_MAX, WINDOW_SECONDS, RateWindow

EXCHANGE_SECONDS: Final = 0.1
ANSWER_SECONDS: Final = 1.0
CALLERS_PER_EXCHANGE: Final = 500
# One hash a window would put all callers on one node of a cluster.
SHARDS: Final = 16
# A process whose clock is behind still counts in a window that ended for the others.
KEPT_SECONDS: Final = 2 * WINDOW_SECONDS

_log = logging.getLogger(__name__)


class SharedRateLimiter:
    """Fixed windows of a minute. Exact for what one process sees; what several see within one exchange may pass.

    While Redis is away each process goes on counting alone. What was told when an exchange fails is not told again:
    a server that is merely slow would count it several times and refuse people who did nothing.
    """

    def __init__(self, redis_url: str, *, per_minute: int, clock: Clock, callers_max: int = CALLERS_MAX) -> None:
        self._limit, self._clock, self._callers_max = per_minute, clock, callers_max
        self._client: Redis = Redis.from_url(
            redis_url,
            retry=Retry(NoBackoff(), 0),  # what is sent again may be counted twice
            socket_connect_timeout=ANSWER_SECONDS,
            socket_timeout=None,  # each exchange has its own
        )
        self._window = RateWindow.at(clock.now(), callers_max=callers_max)
        self._exchanging: asyncio.Task[None] | None = None
        self._is_away = False

    async def __aenter__(self) -> Self:
        self._exchanging = asyncio.create_task(self._exchange_for_ever(), name="rate limits")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._exchanging is not None, "left without having been entered"
        self._exchanging.cancel()
        await asyncio.gather(self._exchanging, return_exceptions=True)
        await self._client.aclose()

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

    async def exchange(self) -> None:
        """Tell what is new here, and learn of the same callers what is new elsewhere.

        Raises RedisError or OSError when Redis does not answer.
        """
        window = self._present_window()
        news = window.take_untold()
        for start in range(0, len(news), CALLERS_PER_EXCHANGE):
            part = news[start : start + CALLERS_PER_EXCHANGE]
            async with asyncio.timeout(ANSWER_SECONDS):
                totals = await self._add(window.number, part)
            for (caller, _), total in zip(part, totals, strict=True):
                window.learn(caller, total=total)
        if news and self._is_away:
            self._is_away = False
            _log.warning("rate limits are counted together again")

    def _present_window(self) -> RateWindow:
        now = self._clock.now()
        if now >= self._window.ends_at:
            if self._window.is_full:
                _log.warning("more than %d callers in a minute; the others were not counted", self._callers_max)
            self._window = RateWindow.at(now, callers_max=self._callers_max)
        return self._window

    async def _exchange_for_ever(self) -> None:
        while True:
            await asyncio.sleep(EXCHANGE_SECONDS)
            try:
                await self.exchange()
            except (RedisError, OSError) as fault:
                if not self._is_away:
                    self._is_away = True
                    _log.warning("rate limits are counted by each process alone: %r", fault)

    async def _add(self, number: int, news: Sequence[tuple[str, int]]) -> Sequence[int]:
        pipeline = self._client.pipeline(transaction=False)
        keys = [f"rates:{number}:{crc32(caller.encode()) % SHARDS}" for caller, _ in news]
        for key, (caller, more) in zip(keys, news, strict=True):
            pipeline.hincrby(key, caller, more)
        for key in set(keys):
            pipeline.expire(key, KEPT_SECONDS)
        answers = await pipeline.execute()
        return [int(total) for total in answers[: len(news)]]
