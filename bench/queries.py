"""Queries and payments beside Mercurius and our own reference mode, in turns, by processor time per answer."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from bench import documents
from bench.agreement import require_agreement
from bench.asking import Asked, Job, ask
from bench.crowd import WITH_STATEMENTS, Crowd
from bench.figures import Figure, at_most
from bench.house import House
from bench.node import installed
from bench.people import Person
from bench.sides import OURS, REFERENCE, THEIRS, Side, start_ours, start_reference, start_theirs
from domain.ids import IdKind, encode_id

# A virtual machine is up to one and a half times as slow in one second as in the next, so that rounds are many, short,
# and compared each by itself.
ROUNDS: Final = 8
SECONDS: Final = 2.0
WARM_UP_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of request, by how many people, and the shares of processor time it may cost."""

    title: str
    people: int
    of_theirs: float
    of_reference: float | None
    requests: Callable[[Sequence[Person]], list[str]]


@dataclass
class Rounds:
    """What every side did at one work, round by round."""

    work: Work
    asked: dict[str, list[Asked]] = field(default_factory=dict)

    def cost(self, side: str, process: str) -> float:
        """Milliseconds of a process for one answer of a side, the median of the rounds."""
        return statistics.median(each.milliseconds(process) for each in self.asked[side])

    def share(self, side: str, of: str) -> float:
        """How much of another's processor time a side's server takes for one answer, the median of the rounds."""
        pairs = zip(self.asked[side], self.asked[of], strict=True)
        return statistics.median(one.milliseconds("server") / other.milliseconds("server") for one, other in pairs)

    def rate(self, side: str) -> float:
        """Answers a second of a side, the median of the rounds."""
        return statistics.median(each.per_second for each in self.asked[side])


def measure(house: House, crowd: Crowd) -> list[Figure]:
    """Ask all three for the same, compare what they say, then let them work in turns."""
    mercurius = installed()
    sides = [start_theirs(house, mercurius), start_ours(house), start_reference(house)]
    works = _works(crowd)
    figures = [Figure("queries beside", mercurius.versions)]
    for work in works:
        requests = {side.name: work.requests(asyncio.run(side.people(crowd, work.people))) for side in sides}
        require_agreement({side: requests[side.name][0] for side in sides})
        figures += figures_of(_rounds(house, work, sides, requests))
    for side in sides:
        house.end(side.name)
    return figures


def _works(crowd: Crowd) -> list[Work]:
    listing_ids = [encode_id(IdKind.LISTING, listing_id) for listing_id in crowd.listing_ids[:WITH_STATEMENTS]]
    return [
        Work("listings, a page of 20", WITH_STATEMENTS, 0.6, 1 / 12, documents.market),
        Work(
            "one listing with its edges",
            WITH_STATEMENTS,
            0.9,
            1 / 6,
            lambda people: documents.one_listing(people, listing_ids),
        ),
        Work("wallet with 20 transactions", WITH_STATEMENTS, 0.9, 1 / 6, documents.wallets),
        Work("transferCreate", len(crowd.members), 1.2, None, documents.payments),
    ]


def _rounds(house: House, work: Work, sides: Sequence[Side], requests: dict[str, list[str]]) -> Rounds:
    rounds = Rounds(work, {side.name: [] for side in sides})
    for number in range(ROUNDS):
        for side in sides if number % 2 else reversed(sides):
            job = Job(
                port=side.port,
                requests=requests[side.name],
                seconds=SECONDS,
                warm_up_seconds=WARM_UP_SECONDS,
                pids={"server": side.pid, **house.servers},
            )
            rounds.asked[side.name].append(ask(job))
    return rounds


def figures_of(rounds: Rounds) -> list[Figure]:
    """The shares that count, and what they are shares of."""
    work = rounds.work
    share = rounds.share(OURS, THEIRS)
    figures = [at_most(f"{work.title}: processor, ours / Mercurius", share, work.of_theirs, "×")]
    if work.of_reference is not None:
        figures.append(at_most("  ours / reference mode", rounds.share(OURS, REFERENCE), work.of_reference, "×"))
    sides = ((OURS, "ours"), (THEIRS, "Mercurius"), (REFERENCE, "reference"))
    for side, name in sides:
        p50, p99 = (statistics.median(getattr(each, of) for each in rounds.asked[side]) for of in ("p50_ms", "p99_ms"))
        cost = f"{rounds.cost(side, 'server'):.3f} + {rounds.cost(side, 'postgres'):.3f} ms"
        figures.append(
            Figure(
                f"  {name}: server + PostgreSQL, rate, p50 / p99",
                f"{cost}, {rounds.rate(side):.0f} /s, {p50:.1f} / {p99:.1f} ms",
            )
        )
    return figures
