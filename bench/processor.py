"""Processor time, which says what work costs whatever else the machine is doing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

PARENT, USER, SYSTEM = 1, 11, 12  # places in /proc/<pid>/stat, counted behind the name
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


def used_seconds(roots: Mapping[str, int]) -> dict[str, float]:
    """What each of these processes has used until now, together with its children."""
    used = dict.fromkeys(roots, 0.0)
    names = {pid: name for name, pid in roots.items()}
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        with suppress(OSError):
            facts = (folder / "stat").read_text().rpartition(")")[2].split()
            name = names.get(int(folder.name)) or names.get(int(facts[PARENT]))
            if name is not None:
                used[name] += (int(facts[USER]) + int(facts[SYSTEM])) / TICKS_PER_SECOND
    return used


def machine_seconds() -> float:
    """What all processes of the machine together have used until now."""
    user, nice, system, _, _, irq, softirq, *_ = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + softirq) / TICKS_PER_SECOND
