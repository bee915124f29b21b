"""What was sent, how it was answered, and what that cost the process that answered."""

from __future__ import annotations

import os
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Kind:
    """Requests of one kind."""

    sent: int = 0
    refused: int = 0
    cpu_seconds: float = 0
    slowest_seconds: float = 0

    def row(self, name: str) -> str:
        """A line of the table."""
        each = 1000 * self.cpu_seconds / max(1, self.sent)
        slowest = 1000 * self.slowest_seconds
        return f"{name:<46}{self.sent:>7}{self.refused:>9}{each:>12.1f}{slowest:>14.0f}"


@dataclass
class Tally:
    """All kinds."""

    kinds: dict[str, Kind] = field(default_factory=lambda: defaultdict(Kind))

    @contextmanager
    def measured(self, name: str, pid: int) -> Iterator[Kind]:
        """Requests of a kind are sent to a process until the end of the block."""
        kind, before = self.kinds[name], cpu_seconds(pid)
        yield kind
        kind.cpu_seconds += cpu_seconds(pid) - before

    def table(self) -> list[str]:
        """Lines for people."""
        head = f"{'sent':<46}{'number':>7}{'refused':>9}{'cpu ms each':>12}{'slowest ms':>14}"
        total = sum(kind.sent for kind in self.kinds.values())
        return [head, *(kind.row(name) for name, kind in self.kinds.items()), f"{'in all':<46}{total:>7}"]


@contextmanager
def one_more(kind: Kind) -> Iterator[None]:
    """A request is under way."""
    begun = time.perf_counter()
    yield
    kind.sent += 1
    kind.slowest_seconds = max(kind.slowest_seconds, time.perf_counter() - begun)


def cpu_seconds(pid: int) -> float:
    """What a process has had of processors."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
