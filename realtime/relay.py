"""The relay: carries committed events, in order, from the outbox to the live channels and the durable readers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from db import outbox
from db.advisory_lock import leadership
from db.engine import Connection, Database
from db.outbox import Lag, StoredEvent
from domain.clock import Clock
from realtime.broadcast import Broadcast, BroadcastDown
from realtime.doorbell import Doorbell
from realtime.envelope import encode
from realtime.metrics import RealtimeMetrics, topic
from realtime.numbering import Numbered, Numbering
from realtime.publication import PublishingTable
from realtime.readers import DurableReader
from realtime.relay_rest import RelayRest

LOCK: Final = "relay"
BATCH_MAX: Final = 200
POLL_SECONDS: Final = 0.25
STANDBY_SECONDS: Final = 0.5
PASS_SECONDS_MAX: Final = 30.0

_log = logging.getLogger(__name__)


class Relay:
    """One of the processes that run it leads; the others stand by.

    A batch goes in three steps: numbered and committed, published, marked. A leader that dies in between has a
    successor that publishes the same events again at the same positions.
    """

    def __init__(
        self,
        database: Database,
        broadcast: Broadcast,
        doorbell: Doorbell,
        table: PublishingTable,
        *,
        clock: Clock,
        metrics: RealtimeMetrics,
        readers: Sequence[DurableReader] = (),
    ) -> None:
        self._database, self._broadcast, self._doorbell = database, broadcast, doorbell
        self._clock, self._metrics = clock, metrics
        self._is_down = False
        self._numbering = Numbering(table, readers, clock, metrics)

    async def run(self) -> None:
        """Lead or stand by until cancelled, whatever happens to the servers."""
        while True:
            try:
                async with leadership(self._database, LOCK) as connection:
                    if connection is not None:
                        await self._lead(connection)
            except Exception:  # a loop over rows outlives every fault; the rows wait
                _log.exception("the relay begins again")
            finally:
                self._metrics.relay_leads.set(0)
            await asyncio.sleep(STANDBY_SECONDS)

    async def _lead(self, connection: Connection) -> None:
        """Work on the connection that holds the lock: whoever loses the lock can write no more.

        Each statement stands alone and costs one round trip, which is most of what an event waits for.
        """
        self._metrics.relay_leads.set(1)
        loop = asyncio.get_running_loop()
        rest = RelayRest(loop.time())
        while True:
            async with asyncio.timeout(PASS_SECONDS_MAX):
                carried = await self._pass(connection)
            seconds = rest.after(carried, loop.time())
            if carried < BATCH_MAX:
                await asyncio.sleep(seconds)
                await self._doorbell.wait(timeout_seconds=POLL_SECONDS)

    async def _pass(self, connection: Connection) -> int:
        """One batch. How many events it carried; where it was a full one the next should follow at once."""
        waiting = await outbox.waiting(connection, limit=BATCH_MAX)
        await self._measure(connection, waiting)
        if not waiting:
            return 0
        numbered = await self._numbering.number(connection, waiting)
        try:
            await self._publish(numbered)
        except BroadcastDown as fault:
            if not self._is_down:
                _log.warning("live channels are down, events wait: %r", fault.__cause__)
            self._is_down = True
            return 0
        self._is_down = False
        await self._mark(connection, numbered)
        return len(waiting) - numbered.held

    async def _publish(self, numbered: Numbered) -> None:
        envelopes = [
            envelope
            for routed in numbered.routed
            for position in numbered.positions.get(routed.event.id, ())
            if (envelope := routed.at(position))
        ]
        if envelopes:
            await self._broadcast.publish([(envelope.position.stream, encode(envelope)) for envelope in envelopes])
        for envelope in envelopes:
            self._metrics.published.labels(topic(envelope.position.stream)).inc()

    async def _mark(self, connection: Connection, numbered: Numbered) -> None:
        now = self._clock.now()
        await outbox.mark_relayed(connection, [routed.event.id for routed in numbered.routed], at=now)
        self._metrics.relayed.inc(len(numbered.routed))
        for routed in numbered.routed:
            self._metrics.relay_delay_seconds.observe((now - routed.event.at).total_seconds())

    async def _measure(self, connection: Connection, waiting: Sequence[StoredEvent]) -> None:
        """Keep the lag's figures; rows are counted only where the batch does not hold them all."""
        now = self._clock.now()
        if len(waiting) == BATCH_MAX:
            lag = await outbox.lag(connection, now=now)
        else:
            lag = Lag(len(waiting), (now - waiting[0].at).total_seconds() if waiting else 0.0)
        self._metrics.relay_waiting.set(lag.waiting)
        self._metrics.relay_lag_seconds.set(lag.oldest_seconds)
