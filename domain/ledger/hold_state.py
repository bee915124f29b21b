"""What can become of money that is set aside."""

from __future__ import annotations

from enum import Enum


class HoldState(Enum):
    """Held until it is settled, once: taken by a transfer, given back, or given back because its time was over."""

    HELD = "HELD"
    """Set aside."""
    CAPTURED = "CAPTURED"
    """Taken by a transfer."""
    RELEASED = "RELEASED"
    """Given back."""
    EXPIRED = "EXPIRED"
    """Given back because its time was over."""
