"""`make bench`: measures, prints one table, and leaves nothing running. `python -m bench live` measures only that."""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from bench import access, callbacks, commands, endpoint, fanout, ledger, live, load, memory, queries, sockets
from bench.crowd import gathered
from bench.figures import Figure, at_least, table
from bench.house import opened_house

MEASUREMENTS: Final = (
    "memory",
    "endpoint",
    "access",
    "callbacks",
    "commands",
    "live",
    "ledger",
    "queries",
    "fanout",
    "sockets",
    "load",
)
IN_HOUSE: Final = frozenset({"memory", "endpoint", "access", "callbacks", "commands", "live"})
COMPARED: Final = {
    "queries": queries.measure,
    "fanout": fanout.measure,
    "sockets": sockets.measure,
    "load": load.measure,
}


def main(words: Sequence[str]) -> int:
    """Measure what was asked for, or all. A missed target is told, not failed: the machine has a say in it."""
    if unknown := set(words) - set(MEASUREMENTS):
        sys.stderr.write(
            f"There is no measurement {', '.join(sorted(unknown))}; there are {', '.join(MEASUREMENTS)}.\n"
        )
        return 2
    wanted = [name for name in MEASUREMENTS if name in words or not words]
    begin, load = time.monotonic(), os.getloadavg()[0]
    figures = in_house(wanted) if IN_HOUSE & set(wanted) else []
    if "ledger" in wanted:
        figures += books()
    if COMPARED.keys() & set(wanted):
        figures += beside_mercurius(wanted)
    print(table(figures))
    print(
        f"\n{os.cpu_count()} cores, load {load:.1f} before; Python {platform.python_version()}; fsync on; "
        f"{time.monotonic() - begin:.0f} s in all."
    )
    return 0


def in_house(wanted: Sequence[str]) -> list[Figure]:
    """What needs our processes; the memory first, while they are idle."""
    figures: list[Figure] = []
    with opened_house() as house:
        if "endpoint" in wanted:
            figures += endpoint.measure(house)
        if not {"memory", "access", "callbacks", "commands", "live"} & set(wanted):
            return figures
        url = house.start_api("a")
        if "memory" in wanted:
            figures += memory.measure(house, "a", url)
        if "callbacks" in wanted:
            figures += callbacks.measure(house, url)
        if "commands" in wanted:
            figures += commands.measure(house, url)
        if {"access", "live"} & set(wanted):
            house.start("relay", "relay")
            sockets = house.start_api("b")
            house.await_relay(sockets)
            if "access" in wanted:
                figures += access.measure(house, url, sockets)
            if "live" in wanted:
                figures += live.measure(house, url, sockets)
    return figures


def beside_mercurius(wanted: Sequence[str]) -> list[Figure]:
    """What is compared with others, on a database with a crowd in it."""
    figures: list[Figure] = []
    with opened_house() as house:
        crowd = asyncio.run(gathered(house))
        for name in wanted:
            if name in COMPARED:
                found = COMPARED[name](house, crowd)
                sys.stderr.write(f"{table(found)}\n\n")  # a long run that fails later has said this much
                figures += found
    return figures


def books() -> list[Figure]:
    """Postings beside pgbench's transactions, with a server to themselves."""
    folder = Path(tempfile.mkdtemp(prefix="sokoni-bench-scripts-"))
    try:
        with ledger.benched_server() as server:
            ledger.prepare(server)
            comparisons = ledger.measured(server, folder)
            sound = asyncio.run(ledger.books_are_sound(server.url))
    finally:
        shutil.rmtree(folder)
    return [*(row for each in comparisons for row in compared(each)), Figure("  books afterwards", sound)]


def compared(comparison: ledger.Comparison) -> list[Figure]:
    """The share of pgbench's rate, and both rates: medians of the rounds."""
    ours, theirs = (statistics.median(column) for column in zip(*comparison.rates, strict=True))
    share = statistics.median(mine / their for mine, their in comparison.rates)
    return [
        at_least(f"{comparison.title}, {comparison.clients} clients", share, comparison.wanted, "×"),
        Figure("  transactions a second, ours and pgbench's", f"{ours:.0f}, {theirs:.0f}"),
    ]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
