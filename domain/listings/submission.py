"""What sellers do: offer, change, take back."""

from __future__ import annotations

from datetime import timedelta
from math import ceil
from typing import Final

from domain.catalog.curation import require_offered
from domain.errors import FieldFault, InvalidInput, QuotaExceeded
from domain.ids import CategoryId, ListingId, new_id
from domain.listings.details import ListingDetails
from domain.listings.listing import Listing
from domain.money import Money
from domain.unit_of_work import UnitOfWork

QUOTA_WINDOW: Final = timedelta(days=1)


async def submit_listing(uow: UnitOfWork, details: ListingDetails) -> Listing:
    """Offer something; it waits for a moderator.

    Raises:
        InvalidInput: the category is not open.
        QuotaExceeded: the seller offered as many things as a day allows; deleted ones count.
    """
    await require_offered(uow, details.category_id)
    await _require_quota(uow)
    listing, submitted = Listing.submit(
        listing_id=ListingId(new_id()), seller_id=uow.actor.user_id, details=details, at=uow.now
    )
    await uow.listings.add(listing)
    uow.emit(submitted)
    return listing


async def update_listing(
    uow: UnitOfWork,
    *,
    listing_id: ListingId,
    title: str | None = None,
    description: str | None = None,
    price: Money | None = None,
    category_id: CategoryId | None = None,
    city: str | None = None,
    expected_version: int | None = None,
) -> Listing:
    """Change one's own listing, what is None stays; it waits for a moderator again.

    Raises:
        ListingNotFound: no such listing of this seller.
        VersionConflict: it was changed since the caller read it.
        InvalidInput: nothing is to change, a field is faulty, or the new category is not open.
        ListingNotUpdatable: it has expired.
    """
    if (title, description, price, category_id, city) == (None,) * 5:
        raise InvalidInput(FieldFault((), "changes nothing: give at least one field"))
    listing = await uow.listings.get_for_update(listing_id)
    listing.require_seller(uow.actor.user_id)
    listing.require_version(expected_version)
    present = listing.details
    details = ListingDetails.checked(
        title=present.title if title is None else title,
        description=present.description if description is None else description,
        price=present.price if price is None else price,
        category_id=present.category_id if category_id is None else category_id,
        city=present.city if city is None else city,
    )
    if details.category_id != present.category_id:
        await require_offered(uow, details.category_id)
    uow.emit(listing.update(details, at=uow.now))
    return listing


async def delete_listing(uow: UnitOfWork, *, listing_id: ListingId, expected_version: int | None = None) -> Listing:
    """Take one's own listing back, whatever its state; nobody but moderators and its seller finds it afterwards.

    Raises:
        ListingNotFound: no such listing of this seller, or it was deleted before.
        VersionConflict: it was changed since the caller read it.
    """
    listing = await uow.listings.get_for_update(listing_id)
    listing.require_seller(uow.actor.user_id)
    listing.require_version(expected_version)
    uow.emit(listing.delete(at=uow.now))
    return listing


async def _require_quota(uow: UnitOfWork) -> None:
    allowed = uow.quotas.listing_creates_per_day
    if allowed is None:
        return
    latest = await uow.listings.latest_submissions(uow.actor.user_id, since=uow.now - QUOTA_WINDOW, limit=allowed)
    if len(latest) >= allowed:
        free_at = latest[-1] + QUOTA_WINDOW
        raise QuotaExceeded(
            f"A seller offers at most {allowed} listings a day.",
            retry_after_seconds=ceil((free_at - uow.now).total_seconds()),
        )
