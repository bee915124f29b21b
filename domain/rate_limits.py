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
    """Counts operations per caller. It protects the machine and keeps no promise: see `domain.quotas` for those."""

    def hit(self, caller: str) -> RateState | None:
        """Count one operation of `caller`, at once and without waiting; None when it is not counted."""
        ...


class Unlimited:
    """Counts nothing: for benchmarks, and refused in production."""

    def hit(self, caller: str) -> RateState | None:
        """Let everybody pass."""
        return None
