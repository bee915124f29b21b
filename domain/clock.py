"""Time as the rules see it: UTC, asked from a clock that tests can set."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time; a unit of work freezes one `now` for its transaction."""

    def now(self) -> datetime:
        """The instant, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The instant, in UTC, to the microsecond as PostgreSQL keeps it."""
        return datetime.now(UTC)
