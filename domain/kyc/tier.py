"""A tier: how well the market knows a person, which decides how much it lets out to them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from domain.ids import UserId


class KycTier(StrEnum):
    """How well a person is known; more may come."""

    UNVERIFIED = "UNVERIFIED"
    """By a phone or an e-mail address alone, as everybody in the beginning."""
    BASIC = "BASIC"
    """By name and a document."""
    FULL = "FULL"
    """By name, document, home and where the money comes from."""


@dataclass(eq=False, kw_only=True)
class KycStanding:
    """One person's tier, and who said so and why."""

    user_id: UserId
    tier: KycTier
    reason: str
    set_by: UserId | None
    set_at: datetime
    version: int = 0

    def become(self, tier: KycTier, reason: str, *, by: UserId | None, at: datetime) -> None:
        """Another tier from now on."""
        self.tier, self.reason, self.set_by, self.set_at = tier, reason, by, at
        self.version += 1


class KycStandings(Protocol):
    """Tiers of people."""

    async def tier_of(self, user_id: UserId) -> KycTier:
        """The person's tier; UNVERIFIED where nobody said anything."""
        ...

    async def find_for_update(self, user_id: UserId) -> KycStanding | None:
        """What was said, its row locked; whoever says something of the same person meanwhile waits here."""
        ...

    async def add(self, standing: KycStanding) -> None:
        """Keep what is said for the first time."""
        ...
