"""Resume under fire: clients follow one feed while servers and processes are killed and sockets are cut at random."""

from __future__ import annotations

import asyncio
import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

from bench.figures import Figure
from soak.connection import Connection
from soak.emitter import emitting
from soak.event_stream import EventStream
from soak.follower import OVERFLOW, Follower, differences, following
from tests.flows.market import Market

QUIET_SECONDS: Final = 1.0
WAYS: Final = (Connection, Connection, EventStream)  # every third client follows by server-sent events


@dataclass(frozen=True, kw_only=True)
class Fire:
    """How hard it burns. `away_seconds`: how long a killed server or process stays away."""

    clients: int
    events_per_second: int
    seconds: float
    cuts_per_second: float
    away_seconds: float
    patience_seconds: float
    city: str = "Moto"


WHOLE: Final = Fire(
    clients=50, events_per_second=100, seconds=60, cuts_per_second=5, away_seconds=2, patience_seconds=120
)


@dataclass
class Ashes:
    """What is left: the clients, how many events there were, and what was done to the clients."""

    events: int = 0
    followers: Sequence[Follower] = ()
    done: Counter[str] = field(default_factory=Counter)
    seconds_to_catch_up: float = 0.0

    @property
    def differences(self) -> Counter[str]:
        """Over all clients: lost, doubled, out of order."""
        return sum((Counter(differences(each.numbers, count=self.events)) for each in self.followers), Counter())

    @property
    def gaps(self) -> Counter[str]:
        """Over all clients, by reason."""
        return sum((each.gaps for each in self.followers), Counter())

    @property
    def faults(self) -> list[str]:
        """What no client may meet, whatever burns. A queue that overflowed is told honestly and loses nothing."""
        told = [f"a gap: {reason}" for reason in self.gaps if reason != OVERFLOW]
        differing = [f"{count} {kind}" for kind, count in self.differences.items()]
        return [*differing, *told, *(fault for each in self.followers for fault in each.faults)]

    @property
    def losses(self) -> Counter[str]:
        """Why connections ended, over all clients."""
        return sum((each.losses for each in self.followers), Counter())


async def resume_under_fire(market: Market, fire: Fire, *, seed: int) -> Ashes:
    """Emit, destroy and follow; done when everybody heard everything, or after `fire.patience_seconds`."""
    random, urls, ashes = Random(seed), list(market.urls.values()), Ashes()
    ashes.followers = [
        Follower(urls, fire.city, Random(random.random()), opens=WAYS[number % len(WAYS)].open)
        for number in range(fire.clients)
    ]
    async with emitting(market.database_url, market.valkey.url) as emitter, following(ashes.followers):
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_kill_redis_twice(market, fire, ashes.done))
            tasks.create_task(_kill_each_api_once(market, fire, ashes.done))
            tasks.create_task(_kill_relay_once(market, fire, ashes.done))
            tasks.create_task(_cut(ashes, fire, random))
            ashes.events = await emitter.emit_steadily(
                fire.city, per_second=fire.events_per_second, seconds=fire.seconds
            )
        begin = time.monotonic()
        everybody = [asyncio.create_task(each.until_heard(ashes.events)) for each in ashes.followers]
        await asyncio.wait(everybody, timeout=fire.patience_seconds)
        ashes.seconds_to_catch_up = time.monotonic() - begin
        await asyncio.sleep(QUIET_SECONDS)  # what came twice would come now
        for each in everybody:
            each.cancel()
    return ashes


async def _kill_redis_twice(market: Market, fire: Fire, done: Counter[str]) -> None:
    for pause in (0.15, 0.3):
        await asyncio.sleep(pause * fire.seconds)
        await market.kill_redis()
        await asyncio.sleep(fire.away_seconds)
        await market.start_redis()
        done["Valkey killed"] += 1


async def _kill_each_api_once(market: Market, fire: Fire, done: Counter[str]) -> None:
    for name, pause in zip(market.urls, (0.3, 0.25), strict=True):
        await asyncio.sleep(pause * fire.seconds)
        market.kill(name)
        await asyncio.sleep(fire.away_seconds)
        market.start_api(name)
        await market.until_ready(name)
        done["API process killed"] += 1


async def _kill_relay_once(market: Market, fire: Fire, done: Counter[str]) -> None:
    await asyncio.sleep(0.45 * fire.seconds)  # while Valkey is away for the second time, or about to be
    market.kill("relay")
    await asyncio.sleep(fire.away_seconds)
    market.start("relay", "relay")
    done["relay killed"] += 1


async def _cut(ashes: Ashes, fire: Fire, random: Random) -> None:
    for _ in range(round(fire.seconds * fire.cuts_per_second)):
        await asyncio.sleep(1 / fire.cuts_per_second)
        random.choice(ashes.followers).cut()
        ashes.done["socket cut"] += 1


async def figures(market: Market) -> list[Figure]:
    """The whole form, as rows of the table."""
    seed = int.from_bytes(os.urandom(4))
    ashes = await resume_under_fire(market, WHOLE, seed=seed)
    done = ", ".join(f"{what} {count} ×" for what, count in ashes.done.items())
    differing = ashes.differences
    told = ", ".join(f"{differing[kind]} {kind}" for kind in ("lost", "doubled", "out of order"))
    others = Counter(fault for fault in ashes.faults if not fault.startswith(tuple("0123456789")))
    return [
        Figure(f"resume under fire: {WHOLE.clients} clients × {ashes.events} events", told, "none", not differing),
        Figure(f"  {done}", f"{sum(each.connections for each in ashes.followers)} connections"),
        Figure("  gaps told", ", ".join(f"{n} {why}" for why, n in ashes.gaps.items()) or "none", f"only {OVERFLOW}"),
        Figure("  everybody complete, after the last event", f"{ashes.seconds_to_catch_up:.1f} s"),
        *(Figure(f"  {fault}", f"{count} ×", "none", False) for fault, count in others.items()),
        *(Figure(f"  a connection ended: {why}", f"{count} ×") for why, count in ashes.losses.most_common(8)),
        Figure("  seed", str(seed)),
    ]
