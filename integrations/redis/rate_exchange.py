"""What several processes counted in the same window, added up in Redis."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final
from zlib import crc32

from redis.asyncio import Redis
from redis.exceptions import RedisError

from integrations.redis.clients import servers_of
from integrations.redis.rate_windows import WINDOW_SECONDS, RateWindow

ANSWER_SECONDS: Final = 1.0
CALLERS_PER_PIPELINE: Final = 500
# One hash a window would put all callers on one node of a cluster.
SHARDS: Final = 16
# A process whose clock is behind still counts in a window that ended for the others.
KEPT_SECONDS: Final = 2 * WINDOW_SECONDS

News = tuple[str, str, int]
"""A key, a caller in it, and how many more operations of theirs there were."""


class RateExchange:
    """Tells what is new here, and learns of the same callers what is new elsewhere; one round trip for each server."""

    def __init__(self, redis_url: str) -> None:
        self._servers = servers_of(redis_url)

    async def exchange(self, window: RateWindow) -> bool:
        """Tell and learn what can be told and learned now. Whether there was anything to tell.

        Raises RedisError or OSError when not everything could be told.
        """
        if not window.untold:
            return False
        keys = [f"rates:{window.number}:{shard}" for shard in range(SHARDS)]
        try:
            servers = [await self._servers.of(key) for key in keys]
        except (RedisError, OSError):
            self._servers.mistrust()
            raise
        by_server: dict[Redis, list[News]] = {}
        for caller, more in window.take_untold():
            shard = crc32(caller.encode()) % SHARDS
            by_server.setdefault(servers[shard], []).append((keys[shard], caller, more))
        told = (_tell(server, news, window) for server, news in by_server.items())
        faults = [fault for fault in await asyncio.gather(*told, return_exceptions=True) if fault is not None]
        if faults:
            self._servers.mistrust()
            raise faults[0]
        return True

    async def close(self) -> None:
        """Give the connections back."""
        await self._servers.close()


async def _tell(server: Redis, news: Sequence[News], window: RateWindow) -> None:
    for start in range(0, len(news), CALLERS_PER_PIPELINE):
        part = news[start : start + CALLERS_PER_PIPELINE]
        pipeline = server.pipeline(transaction=False)
        for key, caller, more in part:
            pipeline.hincrby(key, caller, more)
        for key in {key for key, _, _ in part}:
            pipeline.expire(key, KEPT_SECONDS)
        async with asyncio.timeout(ANSWER_SECONDS):
            totals = await pipeline.execute()
        for (_, caller, _), total in zip(part, totals, strict=False):  # the answers about the ends come after
            window.learn(caller, total=int(total))
