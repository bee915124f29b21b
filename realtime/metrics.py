"""What can be measured on the way from a commit to a listener."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily
from prometheus_client.registry import Collector

_SECONDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 3.0, 10.0)


class RealtimeMetrics:
    """The figures of one process, in the registry it shows at /metrics. Channels are counted by topic, never by id."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.relay_leads = Gauge("sokoni_relay_leads", "1 where this process leads the relay.", registry=registry)
        self.relay_lag_seconds = Gauge(
            "sokoni_relay_lag_seconds", "Age of the oldest event that waits for the relay.", registry=registry
        )
        self.relay_waiting = Gauge("sokoni_relay_waiting", "Events that wait for the relay.", registry=registry)
        self.relay_delay_seconds = Histogram(
            "sokoni_relay_delay_seconds",
            "From the instant of the command to the publication of its event.",
            buckets=_SECONDS,
            registry=registry,
        )
        self.relayed = Counter("sokoni_relayed_events", "Events relayed.", registry=registry)
        self.parked = Counter("sokoni_parked_events", "Events parked after repeated failures.", registry=registry)
        self.published = Counter("sokoni_published", "Envelopes published.", ["topic"], registry=registry)
        self.listeners = Gauge("sokoni_listeners", "Listeners now.", ["topic"], registry=registry)
        self.delivered: Tally[str] = Tally()
        """Items handed to listeners, by topic."""
        registry.register(_Delivered(self.delivered))
        self.dropped = Counter(
            "sokoni_dropped",
            "Items that found no room: the listener was too slow.",
            ["topic"],
            registry=registry,
        )
        self.gaps = Counter("sokoni_gaps", "Gaps told to listeners.", ["topic", "cause"], registry=registry)
        self.catch_ups = Counter(
            "sokoni_catch_ups", "Times a listener read the log for what it missed.", ["topic"], registry=registry
        )
        self.broadcast_connections = Counter(
            "sokoni_broadcast_connections", "Listening connections to Redis that were made.", registry=registry
        )
        self.revocations = Gauge("sokoni_revocations", "Ended accesses that are remembered.", registry=registry)
        self.tasks = Gauge("sokoni_tasks", "Tasks of an API process when it was asked.", registry=registry)
        self.forced_closes = Counter("sokoni_forced_closes", "Sockets closed because access ended.", registry=registry)


class _Delivered(Collector):
    """What was delivered, told when somebody asks: a counter of its own takes five calls for each item."""

    def __init__(self, delivered: Tally[str]) -> None:
        self._delivered, self._created = delivered, time.time()

    def describe(self) -> Iterator[CounterMetricFamily]:
        """The counter without its figures."""
        yield CounterMetricFamily("sokoni_delivered", "Items handed to listeners.", labels=["topic"])

    def collect(self) -> Iterator[CounterMetricFamily]:
        """The counter of each topic."""
        [family] = self.describe()
        # A copy, for another thread may ask while the loop counts a topic for the first time.
        for name, count in tuple(self._delivered.items()):
            family.add_metric([name], count, created=self._created)
        yield family


def topic(channel: str) -> str:
    """The kind of a channel: `wallet` of `wallet:wal_…`."""
    return channel.partition(":")[0]
