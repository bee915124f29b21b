"""Whether a process that many visited is afterwards as it was: memory, tasks, listeners and open files."""

from __future__ import annotations

import asyncio
import statistics
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final

from bench.figures import Figure
from bench.memory import resident_mb
from bench.processor import used_seconds
from soak.metrics import Shown, until_shown

SAMPLE_SECONDS: Final = 1.0
WARM: Final = (0.35, 0.5)  # of the time: everybody has come, many have gone
LAST: Final = (0.85, 1.0)
GROWTH_MAX: Final = 1.1
SPARE_TASKS: Final = 5
SPARE_FILES: Final = 20  # pools of connections that have grown; visitors are counted by the thousand
DROP_SECONDS_MAX: Final = 35.0


@dataclass
class Leftovers:
    """Figures of one API process before, during and after. The process is warm when it begins."""

    url: str
    pid: int
    memory_mb: list[float] = field(default_factory=list)
    seconds_to_empty: float | None = None
    cores: float = 0.0
    listeners_at_once: float = 0.0
    before: Shown = field(default_factory=lambda: Shown({}))
    after: Shown = field(default_factory=lambda: Shown({}))

    async def begin(self) -> None:
        """Note how it is before anybody comes."""
        self.before = await Shown.at(self.url)

    async def watch(self) -> None:
        """Weigh it every second until cancelled."""
        begin, used = time.monotonic(), self._used()
        while True:
            self.memory_mb.append(resident_mb(self.pid))
            self.cores = (self._used() - used) / max(SAMPLE_SECONDS, time.monotonic() - begin)
            if len(self.memory_mb) % 10 == 0:
                with suppress(OSError):  # too busy to say
                    shown = await Shown.at(self.url)
                    self.listeners_at_once = max(self.listeners_at_once, shown.value("sokoni_listeners"))
            await asyncio.sleep(SAMPLE_SECONDS)

    async def end(self, *, within_seconds: float) -> None:
        """Everybody has gone, some without a word: wait until it knows."""
        begin = time.monotonic()
        with suppress(TimeoutError):
            await until_shown(self.url, self._is_empty, seconds=within_seconds)
            self.seconds_to_empty = time.monotonic() - begin
        await asyncio.sleep(SAMPLE_SECONDS)
        self.after = await Shown.at(self.url)

    def memory_during(self, part: tuple[float, float]) -> float:
        """The median of a part of the time, in MB."""
        first, last = (round(share * len(self.memory_mb)) for share in part)
        return statistics.median(self.memory_mb[first:last])

    def more(self, name: str) -> float:
        """How much more than at the beginning."""
        return self.after.value(name) - self.before.value(name)

    def _is_empty(self, shown: Shown) -> bool:
        return shown.value("sokoni_listeners") <= self.before.value("sokoni_listeners")

    def _used(self) -> float:
        return used_seconds({"api": self.pid})["api"]


def figures_of(left: Leftovers) -> list[Figure]:
    """As rows of the table."""
    warm, last = left.memory_during(WARM), left.memory_during(LAST)
    seconds = left.seconds_to_empty
    return [
        Figure("  listeners at once, at most", f"{left.listeners_at_once:.0f}"),
        Figure(
            "  memory, warm → at the end", f"{warm:.0f} → {last:.0f} MB", "at most + 10 %", last <= warm * GROWTH_MAX
        ),
        _within("  listeners left", left.more("sokoni_listeners"), 0),
        _within("  tasks left", left.more("sokoni_tasks"), SPARE_TASKS),
        _within("  files left open", left.more("process_open_fds"), SPARE_FILES),
        Figure(
            "  until those who went without a word were dropped",
            "never" if seconds is None else f"{seconds:.0f} s",
            f"< {DROP_SECONDS_MAX:.0f} s",
            seconds is not None and seconds < DROP_SECONDS_MAX,
        ),
        Figure("  processor, API process", f"{left.cores:.2f} cores"),
    ]


def _within(what: str, value: float, most: float) -> Figure:
    return Figure(what, f"{value:.0f}", f"≤ {most:.0f}", value <= most)
