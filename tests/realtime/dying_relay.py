"""A relay in a process of its own that is killed at a step: `python -m tests.realtime.dying_relay URL URL STEP`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from prometheus_client import CollectorRegistry

from db.engine import open_database
from domain.clock import SystemClock
from realtime.broadcast import Broadcast
from realtime.doorbell import Doorbell
from realtime.metrics import RealtimeMetrics
from realtime.publishing_connection import Message
from realtime.relay import Relay
from tests.realtime.notes import TABLE

NUMBERED, PUBLISHED = "numbered", "published"


class FatalBroadcast(Broadcast):
    """Publishing kills the process: before anything went out, or after everything did."""

    step = NUMBERED

    async def publish(self, messages: Sequence[Message]) -> None:
        if self.step == PUBLISHED:
            await super().publish(messages)
        os.kill(os.getpid(), signal.SIGKILL)


async def main(database_url: str, redis_url: str, step: str) -> None:
    database, metrics = open_database(database_url), RealtimeMetrics(CollectorRegistry())
    async with FatalBroadcast(redis_url) as broadcast, Doorbell(broadcast) as doorbell:
        broadcast.step = step
        await Relay(database, broadcast, doorbell, TABLE, clock=SystemClock(), metrics=metrics).run()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
