"""Sockets that mostly wait: the memory of each, and five thousand of them on one process that all still hear."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench.audience import seated
from bench.crowd import Crowd
from bench.fanout import PATIENCE_SECONDS, seats
from bench.figures import Figure, at_most
from bench.house import House
from bench.memory import KB_PER_MB, resident_mb
from bench.node import installed
from bench.pouring import Plan, pouring
from bench.processor import used_seconds
from bench.sides import OURS, THEIRS, Side, start_ours, start_theirs
from domain.ids import ListingId

FEW: Final = 1_000
MANY: Final = 5_000
WARM_UP: Final = 100
SETTLE_SECONDS: Final = 2.0
KB_A_SOCKET: Final = 30
EVENTS_PER_SECOND: Final = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """What so many subscribed sockets take, and how many heard their event with what processor time."""

    sockets: int
    kb_each: float
    told: int
    seconds: float


def measure(house: House, crowd: Crowd) -> list[Figure]:
    """A fresh process for each side."""
    mercurius = installed()
    house.start("relay", "relay")
    figures = [Figure("idle sockets beside", mercurius.versions)]
    for side in (start_ours(house), start_theirs(house, mercurius)):
        for waiting in _filled(house, crowd, side):
            figures += _figures(side, waiting)
        house.end(side.name)
    house.end("relay")
    return figures


def _filled(house: House, crowd: Crowd, side: Side) -> list[Waiting]:
    """The sockets that came first have brought in what all share, so only what each takes is counted."""
    with seated(side.port, seats(side, crowd, WARM_UP, crowd.listing_ids[:WARM_UP])):
        time.sleep(SETTLE_SECONDS)
    time.sleep(SETTLE_SECONDS)
    empty = resident_mb(side.pid)
    return [_waiting(house, crowd, side, crowd.listing_ids[:count], empty) for count in (FEW, MANY)]


def _waiting(house: House, crowd: Crowd, side: Side, topics: Sequence[ListingId], empty: float) -> Waiting:
    count, pids = len(topics), {"server": side.pid}
    pour = pouring(house, crowd, side, is_ours=side.name == OURS)
    with seated(side.port, seats(side, crowd, count, topics)) as audience:
        time.sleep(SETTLE_SECONDS)
        each = (resident_mb(side.pid) - empty) * KB_PER_MB / count
        audience.begin()
        before = used_seconds(pids)["server"]
        pour(Plan(topics, count, EVENTS_PER_SECOND, version=1))
        heard = audience.until(count, seconds=PATIENCE_SECONDS)
        used = used_seconds(pids)["server"] - before
    return Waiting(count, each, heard.deliveries - heard.doubled, used)


def _figures(side: Side, waiting: Waiting) -> list[Figure]:
    what = f"{side.name}: {waiting.sockets} subscribed sockets, memory of each"
    told = f"  an event to each of {waiting.sockets} at {EVENTS_PER_SECOND} /s: heard, processor"
    said = f"{waiting.told}, {waiting.seconds * 1000 / waiting.sockets:.2f} ms each"
    if side.name == THEIRS:
        return [Figure(what, f"{waiting.kb_each:.1f} kB"), Figure(told, said)]
    return [
        at_most(what, waiting.kb_each, KB_A_SOCKET, "kB"),
        Figure(told, said, f"{waiting.sockets}", waiting.told == waiting.sockets),
    ]
