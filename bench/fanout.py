"""Live delivery to a thousand sockets: one topic for all, then one for each, beside Mercurius and reference mode."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.audience import seated
from bench.crowd import Crowd
from bench.figures import Figure, at_least, at_most, below
from bench.hearing import Heard, Seat
from bench.house import House
from bench.node import installed
from bench.pouring import Plan, pouring
from bench.processor import used_seconds
from bench.sides import OURS, REFERENCE, THEIRS, Side, start_ours, start_reference, start_theirs
from domain.ids import IdKind, ListingId, encode_id

SOCKETS: Final = 1_000
PATIENCE_SECONDS: Final = 20.0
P99_MS: Final = 100


@dataclass(frozen=True, slots=True)
class Programme:
    """How many topics the sockets share, and how many events a second, for how long."""

    title: str
    topics: int
    per_second: int
    seconds: int
    with_reference: bool


@dataclass(frozen=True, slots=True)
class Show:
    """What one side did: who heard what, and the processors' seconds by name."""

    heard: Heard
    wanted: int
    processor: dict[str, float]

    @property
    def missing(self) -> int:
        """Deliveries that never came."""
        return self.wanted - (self.heard.deliveries - self.heard.doubled)

    @property
    def per_processor_second(self) -> float:
        """Deliveries for one second of the process that holds the sockets."""
        return self.heard.deliveries / self.processor["server"]

    def late(self, share: float) -> int:
        """Milliseconds from `occurredAt` that this share of the deliveries did not exceed."""
        rest = share * self.heard.deliveries
        for milliseconds, count in sorted((int(late), count) for late, count in self.heard.milliseconds.items()):
            rest -= count
            if rest <= 0:
                return milliseconds
        return 0


ONE_TOPIC: Final = Programme(f"{SOCKETS} sockets on one topic, 100 events/s", 1, 100, 15, with_reference=True)
OWN_TOPICS: Final = Programme(
    f"{SOCKETS} sockets on their own topics, 500 events/s", SOCKETS, 500, 16, with_reference=False
)


def measure(house: House, crowd: Crowd) -> list[Figure]:
    """One side after the other, each with a server of its own."""
    mercurius = installed()
    house.start("relay", "relay")
    figures = [Figure("fan-out beside", mercurius.versions)]
    for programme in (ONE_TOPIC, OWN_TOPICS):
        shows: dict[str, Show] = {}
        for name in (THEIRS, OURS, REFERENCE) if programme.with_reference else (THEIRS, OURS):
            side = {
                THEIRS: lambda: start_theirs(house, mercurius),
                OURS: lambda: start_ours(house),
                REFERENCE: lambda: start_reference(house),
            }[name]()
            shows[name] = show(house, crowd, side, programme)
            house.end(name)
        figures += _one_topic(shows) if programme is ONE_TOPIC else _own_topics(shows)
    house.end("relay")
    return figures


def show(house: House, crowd: Crowd, side: Side, programme: Programme) -> Show:
    """Seat everybody, let a little come as a warm-up, then count."""
    pour = pouring(house, crowd, side, is_ours=side.name != THEIRS)
    topics = crowd.listing_ids[: programme.topics]
    warm_up = max(1, 20 // programme.topics)
    rounds = programme.per_second * programme.seconds // programme.topics
    pids = {"server": side.pid, "relay": house.processes["relay"].pid, **house.servers}
    with seated(side.port, seats(side, crowd, SOCKETS, topics)) as audience:
        pour(Plan(topics, warm_up * len(topics), programme.per_second, version=1))
        audience.until(warm_up * SOCKETS, seconds=PATIENCE_SECONDS)
        audience.begin()
        before = used_seconds(pids)
        pour(Plan(topics, rounds * len(topics), programme.per_second, version=warm_up + 1))
        heard = audience.until(rounds * SOCKETS, seconds=PATIENCE_SECONDS)
        processor = {name: after - before[name] for name, after in used_seconds(pids).items()}
    return Show(heard, rounds * SOCKETS, processor)


def seats(side: Side, crowd: Crowd, count: int, topics: Sequence[ListingId]) -> list[Seat]:
    """A socket each for the crowd, round and round, and round the topics."""
    people = asyncio.run(side.people(crowd, len(crowd.members)))
    ids = [encode_id(IdKind.LISTING, listing_id) for listing_id in topics]
    snapshot = side.name != THEIRS
    return [Seat(people[number % len(people)].token, ids[number % len(ids)], snapshot) for number in range(count)]


def _one_topic(shows: dict[str, Show]) -> list[Figure]:
    ours, theirs, reference = shows[OURS], shows[THEIRS], shows[REFERENCE]
    rate = ours.per_processor_second
    return [
        at_least(
            f"{ONE_TOPIC.title}: deliveries per CPU second / Mercurius", rate / theirs.per_processor_second, 3, "×"
        ),
        at_least("  the same / reference mode", rate / reference.per_processor_second, 12, "×"),
        below("  ours, p99 since occurredAt", ours.late(0.99), P99_MS, "ms"),
        *_told(shows),
    ]


def _own_topics(shows: dict[str, Show]) -> list[Figure]:
    share = shows[THEIRS].per_processor_second / shows[OURS].per_processor_second
    return [at_most(f"{OWN_TOPICS.title}: CPU per delivery / Mercurius", share, 0.5, "×"), *_told(shows)]


def _told(shows: dict[str, Show]) -> list[Figure]:
    figures = []
    for name, each in shows.items():
        faults = f"{each.missing} lost, {each.heard.doubled} doubled"
        is_sound = each.missing == each.heard.doubled == 0
        others = {kind: count for kind, count in each.heard.others.items() if kind not in ("ping", "StreamHeartbeat")}
        figures += [
            Figure(f"  {name}: of {each.wanted} deliveries", faults, "none", is_sound),
            Figure("    per second of its processor", f"{each.per_processor_second:.0f}"),
            Figure("    p50, p99 since occurredAt", f"{each.late(0.5)}, {each.late(0.99)} ms"),
            *(Figure(f"    besides: {kind}", str(count)) for kind, count in others.items()),
        ]
        if name != THEIRS:
            used = ", ".join(f"{process} {each.processor[process]:.2f}" for process in ("relay", "postgres", "valkey"))
            figures.append(Figure("    processor seconds beside its own", used))
    return figures
