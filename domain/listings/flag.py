"""What one person holds against one listing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import ListingId, UserId


class FlagReason(StrEnum):
    """What is wrong with a listing in the eyes of somebody who saw it."""

    SCAM = "SCAM"
    """It means to deceive."""
    PROHIBITED = "PROHIBITED"
    """It must not be sold."""
    OFFENSIVE = "OFFENSIVE"
    """Its words hurt people."""
    DUPLICATE = "DUPLICATE"
    """It is offered twice."""
    WRONG_CATEGORY = "WRONG_CATEGORY"
    """It is filed in the wrong place."""
    OTHER = "OTHER"
    """What the note says."""

    @property
    def risk(self) -> int:
        """By how much one such flag raises the listing's risk score."""
        match self:
            case FlagReason.SCAM | FlagReason.PROHIBITED:
                return 30
            case FlagReason.OFFENSIVE:
                return 20
            case FlagReason.DUPLICATE | FlagReason.WRONG_CATEGORY | FlagReason.OTHER:
                return 10


@dataclass(eq=False, kw_only=True)
class ListingFlag:
    """One person's flag on one listing; there is no second one."""

    listing_id: ListingId
    reporter_id: UserId
    reason: FlagReason
    note: str
    created_at: datetime
