"""What people hold against listings they saw."""

from __future__ import annotations

from typing import Final

from domain.ids import ListingId
from domain.listings.errors import ListingAlreadyFlagged
from domain.listings.flag import FlagReason, ListingFlag
from domain.listings.listing import Listing
from domain.text import prose
from domain.unit_of_work import UnitOfWork

NOTE_MAX: Final = 500


async def flag_listing(uow: UnitOfWork, *, listing_id: ListingId, reason: FlagReason, note: str = "") -> Listing:
    """Count a person's flag; it raises the risk, and the third since approval takes the listing off the market.

    Raises:
        InvalidInput: the note is too long.
        ListingNotFound: no such listing among those that everybody sees.
        OwnListing: it is the person's own.
        ListingAlreadyFlagged: the person flagged it before.
    """
    person = uow.actor.user_id
    checked_note = prose(note, path=("note",), longest=NOTE_MAX)
    listing = await uow.listings.get_for_update(listing_id)
    flagged = listing.flag(reason, by=person, at=uow.now)
    if await uow.listings.has_flag(listing_id, by=person):
        raise ListingAlreadyFlagged
    await uow.listings.add_flag(
        ListingFlag(listing_id=listing_id, reporter_id=person, reason=reason, note=checked_note, created_at=uow.now)
    )
    uow.emit(flagged)
    return listing
