"""What becomes of a callback that was kept, whoever's it is."""

from __future__ import annotations

from enum import StrEnum


class CallbackState(StrEnum):
    """What became of a callback."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    REFUSED = "REFUSED"
    DEAD = "DEAD"
