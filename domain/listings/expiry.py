"""Listings end when their time is over."""

from __future__ import annotations

from domain.unit_of_work import UnitOfWork


async def expire_listings(uow: UnitOfWork, *, limit: int) -> int:
    """End the listings that are due, the earliest first, and tell; answers how many.

    Repeating it is harmless: an ended listing is not due again, and two that run at once share the work.
    """
    due = await uow.listings.expired(at=uow.now, limit=limit)
    for listing in due:
        uow.emit(listing.expire(at=uow.now))
    return len(due)
