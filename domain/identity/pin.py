"""Six digits that a person chose, as a second factor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.errors import AuthenticationRefused, FieldFault, InvalidInput
from domain.identity.errors import PinLocked, PinWrong
from domain.ids import UserId

PIN_FAILURES_MAX: Final = 5
PIN_LOCK: Final = timedelta(minutes=15)
_DIGITS: Final = re.compile(r"[0-9]{6}")
_PERIODS: Final = (1, 2, 3)


@dataclass(eq=False, kw_only=True)
class Pin:
    """A person's PIN, hashed so that trying out all million of them is work."""

    user_id: UserId
    hash: str
    set_at: datetime
    failures: int = 0
    locked_until: datetime | None = None

    def lock_at(self, at: datetime) -> PinLocked | None:
        """The lock that holds at this instant; while it does, not even the right PIN is looked at."""
        if self.locked_until is None or at >= self.locked_until:
            return None
        return PinLocked(wait=self.locked_until - at)

    def note_success(self) -> None:
        """The failures before are forgotten."""
        self.failures, self.locked_until = 0, None

    def note_failure(self, *, at: datetime) -> AuthenticationRefused:
        """Count; the last failure allowed locks, and the count begins anew after the lock."""
        self.failures += 1
        if self.failures < PIN_FAILURES_MAX:
            return PinWrong(tries_left=PIN_FAILURES_MAX - self.failures)
        self.failures, self.locked_until = 0, at + PIN_LOCK
        return PinLocked(wait=PIN_LOCK)

    def replace(self, hashed: str, *, at: datetime) -> None:
        """Another PIN takes its place."""
        self.hash, self.set_at = hashed, at
        self.note_success()


def require_good_pin(pin: str, *, path: tuple[str, ...]) -> None:
    """Refuse what many people would choose.

    Raises:
        InvalidInput: not six digits, a sequence such as 456789 or 210987, or a repeat such as 111111, 121212, 123123.
    """
    if not _DIGITS.fullmatch(pin):
        raise InvalidInput(FieldFault(path, "must be six digits"))
    steps = {(int(later) - int(earlier)) % 10 for earlier, later in zip(pin, pin[1:], strict=False)}
    if steps in ({1}, {9}):
        raise InvalidInput(FieldFault(path, "must not be a sequence of digits"))
    if any(pin == pin[:period] * (len(pin) // period) for period in _PERIODS):
        raise InvalidInput(FieldFault(path, "must not repeat the same digits"))
