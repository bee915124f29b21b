"""The job ends what is due, however much it is."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from db.tables.listings import listings
from domain.listings.status import ListingStatus
from domain.quotas import Quotas
from jobs.expire_listings import expire_due_listings
from jobs.parts import Parts
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing
from tests.makers.people import make_person


async def test_everything_due_ends_and_a_second_run_finds_nothing(commands: Commands, parts: Parts) -> None:
    commands.quotas = Quotas(listing_creates_per_day=None)
    seller = await make_person(commands)
    category = await make_category(commands)
    for _ in range(101):
        await make_listing(commands, seller, details(category.id))
    commands.later(timedelta(days=30))

    await expire_due_listings(parts)
    await expire_due_listings(parts)

    async with commands.database.read() as connection:
        ended = await connection.scalar(select(func.count()).where(listings.c.status == ListingStatus.EXPIRED))
    assert ended == 101
    assert len(await commands.events("listing.expired")) == 101
    runs = [entry for entry in await commands.trail() if entry.operation == "job.expire_listings"]
    assert sorted(len(run.changes) for run in runs) == [1, 100]
