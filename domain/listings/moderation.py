"""What moderators decide about listings that wait."""

from __future__ import annotations

from typing import Final

from domain.ids import ListingId
from domain.listings.listing import Listing
from domain.text import prose
from domain.unit_of_work import UnitOfWork

REASON_MIN: Final = 3
REASON_MAX: Final = 500


async def approve_listing(
    uow: UnitOfWork, *, listing_id: ListingId, note: str | None = None, expected_version: int | None = None
) -> Listing:
    """Publish a waiting listing and tell its seller.

    Raises:
        ListingNotFound: no such listing, or it was deleted.
        ListingAlreadyDecided: another moderator was faster.
        VersionConflict: its seller changed it since the moderator read it.
        InvalidInput: the note is too long.
    """
    if note is not None:
        uow.because(prose(note, path=("note",), longest=REASON_MAX))
    listing = await _waiting(uow, listing_id, expected_version)
    uow.emit(listing.approve(at=uow.now))
    return listing


async def reject_listing(
    uow: UnitOfWork, *, listing_id: ListingId, reason: str, expected_version: int | None = None
) -> Listing:
    """Refuse a waiting listing; its seller is told the reason and may change it.

    Raises:
        InvalidInput: the reason is shorter than 3 characters or longer than 500.
        ListingNotFound: no such listing, or it was deleted.
        ListingAlreadyDecided: another moderator was faster.
        VersionConflict: its seller changed it since the moderator read it.
    """
    because = prose(reason, path=("reason",), shortest=REASON_MIN, longest=REASON_MAX)
    uow.because(because)
    listing = await _waiting(uow, listing_id, expected_version)
    uow.emit(listing.reject(because, at=uow.now))
    return listing


async def _waiting(uow: UnitOfWork, listing_id: ListingId, expected_version: int | None) -> Listing:
    listing = await uow.listings.get_for_update(listing_id)
    # Asked before the version: a listing that is decided has another version too, and "decided" says more.
    listing.require_waiting()
    listing.require_version(expected_version)
    return listing
