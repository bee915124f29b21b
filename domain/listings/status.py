"""Where a listing stands."""

from __future__ import annotations

from enum import StrEnum


class ListingStatus(StrEnum):
    """PENDING → ACTIVE | REJECTED by a moderator; ACTIVE → EXPIRED by time; any → DELETED by the seller."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    REJECTED = "REJECTED"
    EXPIRED = "EXPIRED"
    DELETED = "DELETED"
