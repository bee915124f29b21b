"""What a worker's tips come to."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TipDay:
    """One day, in UTC."""

    begins_at: datetime
    tips: int
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TipQrFigures:
    """How a code is used: readings, tips by it, and both by the hour of the day in UTC."""

    scans: int
    tips: int
    total: Money
    scans_by_hour: tuple[int, ...]
    tips_by_hour: tuple[int, ...]
