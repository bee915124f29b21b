"""How long a relay rests between two batches."""

from __future__ import annotations

import math
from typing import Final

EASY_PER_SECOND: Final = 200.0
BUSY_PER_SECOND: Final = 400.0
REST_SECONDS_MAX: Final = 0.04
LATELY_SECONDS: Final = 1.0


class RelayRest:
    """Goes by how many events were carried lately: up to `EASY_PER_SECOND` not at all, from `BUSY_PER_SECOND` on whole.

    Where much happens, whoever hears of it is woken once for many events. Some that come at once after a pause of the
    machine are no reason to let them wait longer, and what was carried faster than that is soon forgotten.
    """

    def __init__(self, at: float) -> None:
        self._at, self._per_second = at, 0.0

    def after(self, carried: int, at: float) -> float:
        """The seconds to rest after so many events were carried; `at` is now, on a clock that never goes back."""
        passed = max(at - self._at, 0.001)
        self._at = at
        fresh = 1 - math.exp(-passed / LATELY_SECONDS)
        self._per_second = min(self._per_second + fresh * (carried / passed - self._per_second), BUSY_PER_SECOND)
        busy = (self._per_second - EASY_PER_SECOND) / (BUSY_PER_SECOND - EASY_PER_SECOND)
        return REST_SECONDS_MAX * min(max(busy, 0.0), 1.0)
