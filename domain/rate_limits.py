"""How often one caller may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class RateState:
    """Where a caller stands in the present window."""

    limit: int
    remaining: int
    reset_at: datetime
    is_exceeded: bool


class RateLimiter(Protocol):
    """Counts operations per caller. When its store is away it lets everybody pass: availability before fairness."""

    async def hit(self, caller: str) -> RateState | None:
        """Count one operation of `caller`; None when nothing is counted."""
        ...


class Unlimited:
    """Counts nothing: for benchmarks, and refused in production."""

    async def hit(self, caller: str) -> RateState | None:
        """Let everybody pass."""
        return None
