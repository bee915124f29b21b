"""Listings, loaded for change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.advisory_lock import take_turn
from db.tables.listings import listing_flags, listings
from domain.ids import ListingId, UserId
from domain.listings.errors import ListingNotFound
from domain.listings.flag import ListingFlag
from domain.listings.listing import Listing
from domain.listings.status import ListingStatus


class SqlListings:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_for_update(self, listing_id: ListingId) -> Listing:
        listing = await self._session.get(Listing, listing_id, with_for_update=True)
        if listing is None:
            raise ListingNotFound
        return listing

    async def expired(self, *, at: datetime, limit: int) -> list[Listing]:
        due = (
            select(Listing)
            .where(listings.c.status == ListingStatus.ACTIVE, listings.c.expires_at <= at)
            .order_by(listings.c.expires_at)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        return list(await self._session.scalars(due))

    async def latest_submissions(self, seller_id: UserId, *, since: datetime, limit: int) -> list[datetime]:
        await take_turn(self._session, f"submissions:{seller_id}")
        latest = (
            select(listings.c.created_at)
            .where(listings.c.seller_id == seller_id, listings.c.created_at > since)
            .order_by(listings.c.created_at.desc())
            .limit(limit)
        )
        return list(await self._session.scalars(latest))

    async def add(self, listing: Listing) -> None:
        self._session.add(listing)

    async def has_flag(self, listing_id: ListingId, *, by: UserId) -> bool:
        flag = exists().where(listing_flags.c.listing_id == listing_id, listing_flags.c.reporter_id == by)
        return bool(await self._session.scalar(select(flag)))

    async def add_flag(self, flag: ListingFlag) -> None:
        self._session.add(flag)
