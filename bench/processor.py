"""Processor time, which says what work costs whatever else the machine is doing."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

# Places in /proc/<pid>/stat, counted behind the name; the last two are of children that have ended.
PARENT, USER, SYSTEM, ENDED_USER, ENDED_SYSTEM = 1, 11, 12, 13, 14
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


def used_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """What each of these processes has used until now, together with its children, those that have ended too."""
    used = dict.fromkeys(roots, 0.0)
    names = {pid: name for name, pid in roots.items()}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            facts = (folder / "stat").read_text().rpartition(")")[2].split()
            own, parents = names.get(int(folder.name)), names.get(int(facts[PARENT]))
            if own is not None:
                used[own] += _seconds(facts, ENDED_USER, ENDED_SYSTEM)
            if (name := own or parents) is not None:
                used[name] += _seconds(facts, USER, SYSTEM)
    return used


def _seconds(facts: Sequence[str], *places: int) -> float:
    return sum(int(facts[place]) for place in places) / TICKS_PER_SECOND


def machine_seconds() -> float:
    """What all processes of the machine together have used until now."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND
