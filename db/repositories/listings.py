"""Listings, loaded for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import exists, select

from db.advisory_lock import take_turn
from db.tables.listings import listing_flags, listings
from db.transaction import Transaction
from domain.ids import ListingId, UserId
from domain.listings.errors import ListingNotFound
from domain.listings.flag import ListingFlag
from domain.listings.listing import Listing
from domain.listings.status import ListingStatus


class SqlListings:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get_for_update(self, listing_id: ListingId) -> Listing:
        listing = await self._transaction.session.get(Listing, listing_id, with_for_update=True)
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
        return list(await self._transaction.session.scalars(due))

    async def latest_submissions(self, seller_id: UserId, *, since: datetime, limit: int) -> list[datetime]:
        await take_turn(self._transaction, f"submissions:{seller_id}")
        rows = await self._transaction.driver.fetch(_LATEST_SUBMISSIONS, seller_id, since, limit)
        return [row["created_at"] for row in rows]

    async def add(self, listing: Listing) -> None:
        self._transaction.session.add(listing)

    async def has_flag(self, listing_id: ListingId, *, by: UserId) -> bool:
        flag = exists().where(listing_flags.c.listing_id == listing_id, listing_flags.c.reporter_id == by)
        return bool(await self._transaction.session.scalar(select(flag)))

    async def add_flag(self, flag: ListingFlag) -> None:
        self._transaction.session.add(flag)


_LATEST_SUBMISSIONS: Final = """
    select created_at from listings where seller_id = $1 and created_at > $2 order by created_at desc limit $3
"""
