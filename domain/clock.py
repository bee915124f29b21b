"""Time as the rules see it: UTC, asked from a clock that tests can set and a sandbox can move on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
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


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockAdvance:
    """How far a sandbox is ahead of its machine from an instant of the machine on, and how far it was before."""

    ahead: timedelta
    before: timedelta
    begins_at: datetime


class AdvancedClock:
    """The machine's clock, moved on: a sandbox's. It only goes forward.

    Processes that know the same advance show the same time, for each begins to show it at the same instant.
    """

    def __init__(self) -> None:
        self._advance: ClockAdvance | None = None

    def now(self) -> datetime:
        """The instant of the sandbox, in UTC."""
        machine = datetime.now(UTC)
        return machine + self._ahead_at(machine)

    @property
    def ahead(self) -> timedelta:
        """How far it is ahead of the machine's."""
        return self._ahead_at(datetime.now(UTC))

    def follow(self, advance: ClockAdvance) -> None:
        """Show this from its instant on; an older one changes nothing."""
        if self._advance is None or advance.ahead >= self._advance.ahead:
            self._advance = advance

    def _ahead_at(self, machine: datetime) -> timedelta:
        advance = self._advance
        if advance is None:
            return timedelta(0)
        return advance.ahead if machine >= advance.begins_at else advance.before
