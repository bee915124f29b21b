"""Events as commands make them: rows in the outbox, committed in batches, and a ring for the relay."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Final

from db.engine import Database, open_database
from db.traces import Trace, leaving
from db.transaction import Transaction
from domain.ids import CategoryId, ListingId, UserId, new_id
from domain.listings.events import ListingApproved
from domain.listings.status import ListingStatus
from domain.money import Asset, Money
from realtime.broadcast import Broadcast
from realtime.doorbell import Doorbell

BATCHES_PER_SECOND: Final = 10


class Emitter:
    """Emits approvals whose titles begin with a number, counted by city from 1. Safe for one user at a time."""

    def __init__(self, database: Database, doorbell: Doorbell) -> None:
        self._database, self._doorbell = database, doorbell
        self._seller, self._category = UserId(new_id()), CategoryId(new_id())
        self.counts: dict[str, int] = {}

    async def emit(self, city: str, count: int, *, title: str = "a table") -> int:
        """Commit the next `count` events of a city at once; the number of the last."""
        first = self.counts.get(city, 0) + 1
        self.counts[city] = last = first + count - 1
        now = datetime.now(UTC)
        events = [self._approved(city, f"{number} {title}", now) for number in range(first, last + 1)]
        trace = Trace(actor="system", operation="soak", request_id="soak", address="", at=now, events=events)
        async with Transaction(self._database) as transaction:
            await transaction.commit(leaving(trace))
        self._doorbell.ring()
        return last

    async def emit_steadily(self, city: str, *, per_second: int, seconds: float) -> int:
        """Emit at a rate, whatever happens to those who listen; the number of the last."""
        begin, last = time.monotonic(), 0
        for batch in range(round(seconds * BATCHES_PER_SECOND)):
            await asyncio.sleep(max(0.0, begin + batch / BATCHES_PER_SECOND - time.monotonic()))
            last = await self.emit(city, per_second // BATCHES_PER_SECOND)
        return last

    def _approved(self, city: str, title: str, now: datetime) -> ListingApproved:
        return ListingApproved(
            listing_id=ListingId(new_id()),
            seller_id=self._seller,
            status=ListingStatus.ACTIVE,
            title=title,
            price=Money(450_000, Asset.KES),
            city=city,
            category_id=self._category,
            expires_at=now + timedelta(days=30),
            listing_version=2,
            was_public=False,
        )


@asynccontextmanager
async def emitting(database_url: str, redis_url: str) -> AsyncIterator[Emitter]:
    """An emitter with connections of its own."""
    database = open_database(database_url, pool_size=2)
    try:
        async with Broadcast(redis_url) as broadcast, Doorbell(broadcast) as doorbell:
            yield Emitter(database, doorbell)
    finally:
        await database.close()
