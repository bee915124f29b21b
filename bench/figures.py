"""What was measured beside what was wanted, as one table."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One row. Without a target it only explains the others."""

    what: str
    reached: str
    target: str = ""
    is_reached: bool | None = None

    @property
    def verdict(self) -> str:
        """Whether the target was reached, where there is one."""
        return {True: "yes", False: "NO", None: ""}[self.is_reached]


def below(what: str, value: float, limit: float, unit: str, digits: int = 1) -> Figure:
    """A figure that must stay under its limit."""
    return Figure(what, f"{value:.{digits}f} {unit}", f"< {limit:g} {unit}", value < limit)


def at_least(what: str, value: float, limit: float, unit: str) -> Figure:
    """A figure that must reach its limit."""
    return Figure(what, f"{value:.2f} {unit}", f"≥ {limit:.2f} {unit}", value >= limit)


def at_most(what: str, value: float, limit: float, unit: str) -> Figure:
    """A figure that may reach its limit but not pass it."""
    return Figure(what, f"{value:.2f} {unit}", f"≤ {limit:.2f} {unit}", value <= limit)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that `share` of all values do not exceed."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def table(figures: Sequence[Figure]) -> str:
    """All rows under their headings."""
    rows = [("what", "figure", "target", "reached")]
    rows += [(figure.what, figure.reached, figure.target, figure.verdict) for figure in figures]
    first, second, third = (max(len(row[column]) for row in rows) for column in range(3))
    lines = [f"{what:<{first}}  {is_:>{second}}  {to:>{third}}  {verdict}".rstrip() for what, is_, to, verdict in rows]
    return "\n".join([lines[0], "-" * max(map(len, lines)), *lines[1:]])
