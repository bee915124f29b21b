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
class TipQrPlace:
    """How the codes of one spot are used; None is those that name none."""

    spot: str | None
    codes: int
    scans: int
    tips: int
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TipQrFigures:
    """How codes are used: readings, tips by them, both by the hour of the day in UTC, and all of it by spot."""

    scans: int
    tips: int
    total: Money
    scans_by_hour: tuple[int, ...]
    tips_by_hour: tuple[int, ...]
    by_place: tuple[TipQrPlace, ...]
