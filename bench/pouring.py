"""Events at an exact rate: for us as rows of the outbox and a ring for the relay, for Mercurius in its own process."""

from __future__ import annotations

import asyncio
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

import orjson
from sqlalchemy import insert

from bench.crowd import Crowd
from bench.house import House
from bench.sides import Side
from db.engine import open_database
from db.tables.outbox import outbox
from domain.events import Event
from domain.ids import CategoryId, IdKind, ListingId, UserId, encode_id, new_id
from domain.listings.events import ListingApproved
from domain.listings.status import ListingStatus
from domain.money import Asset, Money
from domain.plain import to_plain
from realtime.broadcast import Broadcast
from realtime.doorbell import Doorbell

TICK_SECONDS: Final = 0.01
LAST_SECONDS: Final = 5.0


@dataclass(frozen=True, slots=True)
class Plan:
    """So many events, in turn about these listings; each listing counts its versions from `version` on."""

    listing_ids: Sequence[ListingId]
    events: int
    per_second: int
    version: int


class Pour(Protocol):
    """Makes the events of a plan happen."""

    def __call__(self, plan: Plan) -> None:
        """Return when the last one has happened."""
        ...


def pouring(house: House, crowd: Crowd, side: Side, *, is_ours: bool) -> Pour:
    """How events come about on this side."""
    if is_ours:
        seller = UserId(crowd.members[0].user.id)
        return lambda plan: asyncio.run(_into_the_outbox(house, plan, seller))
    return lambda plan: _by_itself(side, plan)


async def _into_the_outbox(house: House, plan: Plan, seller: UserId) -> None:
    """As commands do it: rows in a transaction, then a ring."""
    database = open_database(house.database_url, pool_size=2, application_name="sokoni bench")
    async with Broadcast(house.redis_url) as broadcast, Doorbell(broadcast) as doorbell:
        begin, sent = time.perf_counter(), 0
        while sent < plan.events:
            due = min(plan.events, int((time.perf_counter() - begin) * plan.per_second))
            if due > sent:
                now = datetime.now(UTC)
                rows = [_row(_event(plan, number, seller, now), now) for number in range(sent, due)]
                async with database.transaction() as connection:
                    await connection.execute(insert(outbox), rows)
                doorbell.ring()
                sent = due
            await asyncio.sleep(TICK_SECONDS)
    await database.close()


def _row(event: Event, now: datetime) -> dict[str, object]:
    return {
        "event_id": new_id(),
        "name": event.name,
        "version": event.version,
        "subject": event.subject,
        "body": to_plain(event),
        "actor": "system",
        "request_id": "bench",
        "at": now,
    }


def _event(plan: Plan, number: int, seller: UserId, now: datetime) -> ListingApproved:
    """Everybody hears of it: the listing comes into the market."""
    return ListingApproved(
        listing_id=plan.listing_ids[number % len(plan.listing_ids)],
        seller_id=seller,
        status=ListingStatus.ACTIVE,
        title="Toyota Vitz 2014, well kept",
        price=Money(89_000_000, Asset.KES),
        city="Nairobi",
        category_id=CategoryId(new_id()),
        expires_at=now + timedelta(days=30),
        listing_version=plan.version + number // len(plan.listing_ids),
        was_public=False,
    )


def _by_itself(side: Side, plan: Plan) -> None:
    asked = {
        "listingIds": [encode_id(IdKind.LISTING, listing_id) for listing_id in plan.listing_ids],
        "events": plan.events,
        "perSecond": plan.per_second,
        "version": plan.version,
    }
    request = urllib.request.Request(f"{side.url}/events", orjson.dumps(asked), {"Content-Type": "application/json"})
    # Where it cannot deliver at this rate its timer starves, and it is still sending when its time is over.
    with (
        suppress(TimeoutError),
        urllib.request.urlopen(request, timeout=plan.events / plan.per_second + LAST_SECONDS) as answer,
    ):
        assert orjson.loads(answer.read()) == {"sent": plan.events}
