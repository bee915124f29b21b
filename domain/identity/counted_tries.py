"""Tries at a secret that are counted, so that guessing it takes longer than anybody has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Final, Protocol

from domain.errors import AuthenticationRefused

FAILURES_MAX: Final = 5
LOCK: Final = timedelta(minutes=15)


class Wrong(Protocol):
    """The refusal of a wrong try."""

    def __call__(self, *, tries_left: int) -> AuthenticationRefused:
        """With how many are left."""
        ...


class Locked(Protocol):
    """The refusal while nothing is looked at."""

    def __call__(self, *, wait: timedelta) -> AuthenticationRefused:
        """With how long it lasts."""
        ...


@dataclass(eq=False, kw_only=True)
class CountedTries:
    """Something that is tried out: five failures in a row lock it for a quarter of an hour."""

    wrong: ClassVar[Wrong]
    locked: ClassVar[Locked]

    failures: int = 0
    locked_until: datetime | None = None

    def lock_at(self, at: datetime) -> AuthenticationRefused | None:
        """The lock that holds at this instant; while it does, not even the right secret is looked at."""
        if self.locked_until is None or at >= self.locked_until:
            return None
        return type(self).locked(wait=self.locked_until - at)

    def note_success(self) -> None:
        """The failures before are forgotten."""
        self.failures, self.locked_until = 0, None

    def note_failure(self, *, at: datetime) -> AuthenticationRefused:
        """Count; the last failure allowed locks, and the count begins anew after the lock."""
        self.failures += 1
        if self.failures < FAILURES_MAX:
            return type(self).wrong(tries_left=FAILURES_MAX - self.failures)
        self.failures, self.locked_until = 0, at + LOCK
        return type(self).locked(wait=LOCK)
