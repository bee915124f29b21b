"""`make soak`: endurance by name or all of it, one table, exit status 1 when anything was lost or left behind."""

from __future__ import annotations

import logging
import os
import platform
import resource
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import uvloop

from bench.figures import Figure, table
from soak import crowd, fire, peers
from soak.market import opened_market
from tests.flows.market import Market

TRIALS: Final[dict[str, tuple[tuple[str, ...], Callable[[Market], Awaitable[list[Figure]]]]]] = {
    "fire": (("a", "b"), fire.figures),
    "peers": (("a", "b"), peers.figures),
    "crowd": (("a",), crowd.figures),
}


def main(words: Sequence[str]) -> int:
    """Run what was asked for, or all. Unlike a speed, a loss has no excuse: it fails."""
    if unknown := set(words) - set(TRIALS):
        sys.stderr.write(f"There is no trial {', '.join(sorted(unknown))}; there are {', '.join(TRIALS)}.\n")
        return 2
    begin, load = time.monotonic(), os.getloadavg()[0]
    logging.basicConfig(level=logging.ERROR)  # that servers go away is what is tried here
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, hard), hard))
    figures = [row for name in TRIALS if name in words or not words for row in uvloop.run(_tried(name))]
    print(table(figures))
    print(
        f"\n{os.cpu_count()} cores, load {load:.1f} before; Python {platform.python_version()}; "
        f"{time.monotonic() - begin:.0f} s in all."
    )
    return 0 if all(figure.is_reached is not False for figure in figures) else 1


async def _tried(name: str) -> list[Figure]:
    apis, trial = TRIALS[name]
    async with opened_market(*apis) as market:
        return await trial(market)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
