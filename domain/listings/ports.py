"""What the classifieds ask of their storage."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ids import ListingId, UserId
from domain.listings.flag import ListingFlag
from domain.listings.listing import Listing


class Listings(Protocol):
    """Listings, loaded for change."""

    async def get_for_update(self, listing_id: ListingId) -> Listing:
        """The listing, its row locked; deleted ones too.

        Raises:
            ListingNotFound: there is none.
        """
        ...

    async def expired(self, *, at: datetime, limit: int) -> list[Listing]:
        """Active listings whose time is over, the earliest first, locked; what another command holds is left out."""
        ...

    async def latest_submissions(self, seller_id: UserId, *, since: datetime, limit: int) -> list[datetime]:
        """When this seller's newest listings after `since` were made, newest first, deleted ones too.

        The seller's other submissions wait from here until this command ends.
        """
        ...

    async def add(self, listing: Listing) -> None:
        """Keep a new listing."""
        ...

    async def has_flag(self, listing_id: ListingId, *, by: UserId) -> bool:
        """Whether this person flagged it before."""
        ...

    async def add_flag(self, flag: ListingFlag) -> None:
        """Keep what somebody holds against a listing."""
        ...
