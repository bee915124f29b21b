"""The general limit, counted in Redis so that all API processes count together."""

from __future__ import annotations

from datetime import UTC, datetime

import structlog
from limits import RateLimitItemPerMinute
from limits.aio.storage import RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter
from redis.exceptions import RedisError

from domain.rate_limits import RateState

log = structlog.get_logger("sokoni.limits")


class RedisRateLimiter:
    """Fixed windows of a minute. While Redis is away everybody passes and the log says so."""

    def __init__(self, redis_url: str, *, per_minute: int) -> None:
        storage = RedisStorage(_storage_url(redis_url), implementation="redispy", key_prefix="limits")
        self._limiter = FixedWindowRateLimiter(storage)
        self._limit = RateLimitItemPerMinute(per_minute)

    async def hit(self, caller: str) -> RateState | None:
        """Count one operation of `caller`."""
        try:
            is_allowed = await self._limiter.hit(self._limit, caller)
            window = await self._limiter.get_window_stats(self._limit, caller)
        except (RedisError, OSError):
            log.warning("rate_limit_open", why="the counter's store is away")
            return None
        return RateState(
            limit=self._limit.amount,
            remaining=max(0, window.remaining),
            reset_at=datetime.fromtimestamp(window.reset_time, UTC),
            is_exceeded=not is_allowed,
        )


def _storage_url(redis_url: str) -> str:
    """The library's own form: it names unix sockets `redis+unix`."""
    return f"async+redis+{redis_url}" if redis_url.startswith("unix://") else f"async+{redis_url}"
