"""Where a listing stands."""

from __future__ import annotations

from enum import StrEnum


class ListingStatus(StrEnum):
    """PENDING → ACTIVE | REJECTED by a moderator; ACTIVE → EXPIRED by time; any → DELETED by the seller."""

    PENDING = "PENDING"
    """Waits for a moderator."""
    ACTIVE = "ACTIVE"
    """In the market: everybody sees it."""
    REJECTED = "REJECTED"
    """Refused; its seller was told why and may change it."""
    EXPIRED = "EXPIRED"
    """Its time is over."""
    DELETED = "DELETED"
    """Taken back by its seller."""
