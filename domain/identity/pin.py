"""Six digits that a person chose, as a second factor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.identity.counted_tries import CountedTries
from domain.identity.errors import PinLocked, PinWrong
from domain.ids import UserId

_DIGITS: Final = re.compile(r"[0-9]{6}")
_PERIODS: Final = (1, 2, 3)


@dataclass(eq=False, kw_only=True)
class Pin(CountedTries):
    """A person's PIN, hashed so that trying out all million of them is work."""

    wrong = PinWrong
    locked = PinLocked

    user_id: UserId
    hash: str
    set_at: datetime

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
