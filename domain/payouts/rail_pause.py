"""A rail that is left alone: for a while because it is busy, or until people of ours have mended something."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.payouts.state import PayoutRail


class Reach(StrEnum):
    """What is not done while a rail is paused."""

    SENDING = "SENDING"
    """Nothing is sent; what is under way is asked about."""
    EVERYTHING = "EVERYTHING"
    """Nothing is asked either: each further question would make it worse."""


@dataclass(eq=False, kw_only=True)
class RailPause:
    """One pause of one rail. `ends_at` is None where a person ends it. `why` is the rail's own word."""

    rail: PayoutRail
    reach: Reach
    why: str
    paused_at: datetime
    ends_at: datetime | None

    def outlasts(self, other: RailPause) -> bool:
        """Whether this one stays when the other comes: a stop by people's fault is not shortened by a busy rail, nor a
        longer wait by a shorter one.
        """
        return self._rank > other._rank

    @property
    def _rank(self) -> tuple[bool, bool, datetime]:
        return self.ends_at is None, self.reach is Reach.EVERYTHING, self.ends_at or self.paused_at
