"""The load that the product was planned for: a thousand people, ten thousand listings, a hundred events a second.

Everybody has a connection for requests and a socket on a listing. Once with the pauses that people make, once without
any, which is as much as the process can do.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from itertools import cycle
from random import Random
from typing import Final

from bench import documents
from bench.asking import Asked, Job, ask
from bench.audience import seated
from bench.crowd import WITH_STATEMENTS, Crowd
from bench.fanout import PATIENCE_SECONDS, seats
from bench.figures import Figure, below
from bench.hearing import Heard
from bench.house import House
from bench.people import Person
from bench.pouring import Plan, pouring
from bench.sides import Side, start_ours
from domain.ids import IdKind, encode_id

USERS: Final = 1_000
EVENTS_PER_SECOND: Final = 100
SECONDS: Final = 15
WARM_UP_SECONDS: Final = 5
PAUSE_SECONDS: Final = 5.0
P95_MS: Final = 500
# Of twenty requests: lists, single listings, wallets, and payments.
MIX: Final = (9, 6, 3, 2)


def measure(house: House, crowd: Crowd) -> list[Figure]:
    """Both paces, at one API process."""
    house.start("relay", "relay")
    side = start_ours(house)
    figures: list[Figure] = []
    for title, pause in ((f"a request every {PAUSE_SECONDS:g} s each", PAUSE_SECONDS), ("no pauses at all", 0.0)):
        asked, heard, wanted = _loaded(house, crowd, side, pause)
        figures += _figures(title, asked, heard, wanted)
    house.end(side.name)
    house.end("relay")
    return figures


def _loaded(house: House, crowd: Crowd, side: Side, pause: float) -> tuple[Asked, Heard, int]:
    people = asyncio.run(side.people(crowd, USERS))
    topics = crowd.listing_ids[:USERS]
    pour = pouring(house, crowd, side, is_ours=True)
    rounds = EVENTS_PER_SECOND * (SECONDS + WARM_UP_SECONDS) // USERS
    plan = Plan(topics, rounds * USERS, EVENTS_PER_SECOND, version=1)
    job = Job(
        port=side.port,
        requests=mixed(people, crowd),
        seconds=SECONDS,
        warm_up_seconds=WARM_UP_SECONDS,
        connections=USERS,
        pause_seconds=pause,
        pids={"server": side.pid, **house.servers},
    )
    with seated(side.port, seats(side, crowd, USERS, topics)) as audience:
        audience.begin()
        events = threading.Thread(target=pour, args=(plan,))
        events.start()
        asked = ask(job)
        events.join()
        heard = audience.until(plan.events, seconds=PATIENCE_SECONDS)
    return asked, heard, plan.events


def mixed(people: Sequence[Person], crowd: Crowd) -> list[str]:
    """What a thousand people ask, in an order that mixes all kinds."""
    ids = [encode_id(IdKind.LISTING, listing_id) for listing_id in crowd.listing_ids[: len(people)]]
    kinds = (
        documents.market(people),
        documents.one_listing(people, ids),
        documents.wallets(people[:WITH_STATEMENTS]),
        documents.payments(people),
    )
    order = [kind for kind, share in zip(kinds, MIX, strict=True) for _ in range(share)]
    Random(1).shuffle(order)
    return [kind[number % len(kind)] for number, kind in zip(range(len(people)), cycle(order), strict=False)]


def _figures(title: str, asked: Asked, heard: Heard, wanted: int) -> list[Figure]:
    missing = wanted - (heard.deliveries - heard.doubled)
    busy = asked.processor["server"] / asked.seconds
    return [
        below(f"{USERS} people, {title}: p95", asked.p95_ms, P95_MS, "ms"),
        Figure("  p50, p99", f"{asked.p50_ms:.1f}, {asked.p99_ms:.1f} ms"),
        Figure("  requests a second; the process' share of a core", f"{asked.per_second:.0f}; {busy:.2f}"),
        Figure(f"  of {wanted} events at {EVENTS_PER_SECOND} /s", f"{missing} missing", "none", missing == 0),
    ]
