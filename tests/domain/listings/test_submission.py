"""Sellers offer, change and take back; the quota holds exactly."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from db.reads.listings import listings_by_ids
from domain.catalog.curation import update_category
from domain.errors import InvalidInput, QuotaExceeded, VersionConflict
from domain.identity.actor import Actor
from domain.ids import CategoryId, ListingId, new_id
from domain.listings.errors import ListingNotFound
from domain.listings.listing import Listing
from domain.listings.moderation import reject_listing
from domain.listings.status import ListingStatus
from domain.listings.submission import delete_listing, submit_listing, update_listing
from domain.money import Asset, Money
from domain.quotas import Quotas
from tests.commands import NOON, Commands
from tests.makers.listings import details, make_category, make_listing, make_waiting_listing
from tests.makers.people import make_person


async def stored(commands: Commands, listing_id: ListingId) -> Listing:
    async with commands.database.read() as connection:
        return (await listings_by_ids(connection, [listing_id]))[listing_id]


async def test_a_submitted_listing_is_kept_told_and_audited(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)

    async with commands.by(seller, operation="listingCreate") as uow:
        listing = await submit_listing(uow, details(category.id))

    kept = await stored(commands, listing.id)
    assert (kept.title, kept.price, kept.status, kept.version) == (
        "Mountain bike",
        Money(1_250_000, Asset.KES),
        ListingStatus.PENDING,
        1,
    )
    assert (kept.seller_id, kept.created_at, kept.submitted_at) == (seller.user_id, NOON, NOON)
    [event] = await commands.events("listing.submitted")
    assert event.body["price"] == {"amountMinor": 1_250_000, "asset": "KES"}
    assert (event.body["status"], event.body["listing_version"], event.body["was_public"]) == ("PENDING", 1, False)
    entry = (await commands.trail())[-1]
    assert (entry.actor, entry.operation, entry.subject) == (seller.label, "listingCreate", event.subject)
    assert entry.changes[0]["after"]["price_minor"] == 1_250_000


async def test_nothing_is_filed_under_a_closed_category_or_below_one(commands: Commands) -> None:
    seller = await make_person(commands)
    vehicles = await make_category(commands, "vehicles")
    bicycles = await make_category(commands, "bicycles", parent=vehicles)
    async with commands.by_system() as uow:
        await update_category(uow, category_id=vehicles.id, is_active=False)

    for category_id in (vehicles.id, bicycles.id, CategoryId(new_id())):
        with pytest.raises(InvalidInput) as refused:
            async with commands.by(seller) as uow:
                await submit_listing(uow, details(category_id))
        assert refused.value.faults[0].path == ("categoryId",)

    assert await commands.events("listing.submitted") == []


async def test_the_eleventh_of_a_day_is_refused_until_the_first_is_a_day_old(commands: Commands) -> None:
    seller, other = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    for _ in range(10):
        await make_waiting_listing(commands, seller, details(category.id))
        commands.later(timedelta(minutes=1))

    with pytest.raises(QuotaExceeded) as refused:
        await make_waiting_listing(commands, seller, details(category.id))
    await make_waiting_listing(commands, other, details(category.id))
    commands.later(timedelta(days=1) - timedelta(minutes=10))
    await make_waiting_listing(commands, seller, details(category.id))

    assert refused.value.retry_after_seconds == 24 * 3600 - 10 * 60
    assert len(await commands.events("listing.submitted")) == 12


async def test_deleting_gives_no_quota_back(commands: Commands) -> None:
    commands.quotas = Quotas(listing_creates_per_day=1)
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))
    async with commands.by(seller) as uow:
        await delete_listing(uow, listing_id=listing.id)

    with pytest.raises(QuotaExceeded):
        await make_waiting_listing(commands, seller, details(category.id))


async def test_the_quota_is_exact_under_fifteen_parallel_submissions(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)

    outcomes = await asyncio.gather(
        *(make_waiting_listing(commands, seller, details(category.id)) for _ in range(15)), return_exceptions=True
    )

    refused = [outcome for outcome in outcomes if isinstance(outcome, BaseException)]
    assert [type(outcome) for outcome in refused] == [QuotaExceeded] * 5
    assert len(await commands.events("listing.submitted")) == 10


async def test_without_a_quota_there_is_no_end(commands: Commands) -> None:
    commands.quotas = Quotas(listing_creates_per_day=None)
    seller = await make_person(commands)
    category = await make_category(commands)

    for _ in range(11):
        await make_waiting_listing(commands, seller, details(category.id))

    assert len(await commands.events("listing.submitted")) == 11


async def test_an_update_changes_what_is_given_and_waits_again(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    async with commands.by(seller) as uow:
        await update_listing(uow, listing_id=listing.id, price=Money(90_000, Asset.USD), expected_version=2)

    kept = await stored(commands, listing.id)
    assert (kept.price, kept.title, kept.status, kept.version, kept.expires_at) == (
        Money(90_000, Asset.USD),
        "Mountain bike",
        ListingStatus.PENDING,
        3,
        None,
    )
    [event] = await commands.events("listing.updated")
    assert (event.body["was_public"], event.body["listing_version"], event.body["status"]) == (True, 3, "PENDING")


async def test_a_rejected_listing_is_mended_by_its_seller(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))
    async with commands.by_system() as uow:
        await reject_listing(uow, listing_id=listing.id, reason="No photograph of the thing itself")

    async with commands.by(seller) as uow:
        await update_listing(uow, listing_id=listing.id, description="With a photograph.")

    kept = await stored(commands, listing.id)
    assert (kept.status, kept.rejection_reason, kept.description) == (
        ListingStatus.PENDING,
        None,
        "With a photograph.",
    )


async def test_a_foreign_listing_is_not_found_and_stays(commands: Commands) -> None:
    seller, stranger = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    before = len(await commands.trail())

    for act in (update_by, delete_by):
        with pytest.raises(ListingNotFound):
            await act(commands, stranger, listing.id)
        with pytest.raises(ListingNotFound):
            await act(commands, seller, ListingId(new_id()))

    assert (await stored(commands, listing.id)).status is ListingStatus.ACTIVE
    assert len(await commands.trail()) == before


async def update_by(commands: Commands, actor: Actor, listing_id: ListingId) -> Listing:
    async with commands.by(actor) as uow:
        return await update_listing(uow, listing_id=listing_id, title="Mine now")


async def delete_by(commands: Commands, actor: Actor, listing_id: ListingId) -> Listing:
    async with commands.by(actor) as uow:
        return await delete_listing(uow, listing_id=listing_id)


async def test_an_update_of_a_stale_version_changes_nothing(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    with pytest.raises(VersionConflict) as conflict:
        async with commands.by(seller) as uow:
            await update_listing(uow, listing_id=listing.id, title="Road bike", expected_version=1)

    assert conflict.value.current_version == 2
    assert (await stored(commands, listing.id)).title == "Mountain bike"
    assert await commands.events("listing.updated") == []


async def test_two_updates_of_one_version_leave_one(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    async def change(title: str) -> Listing:
        async with commands.by(seller) as uow:
            return await update_listing(uow, listing_id=listing.id, title=title, expected_version=1)

    outcomes = await asyncio.gather(change("Red bike"), change("Blue bike"), return_exceptions=True)

    [won] = [outcome for outcome in outcomes if isinstance(outcome, Listing)]
    [lost] = [outcome for outcome in outcomes if isinstance(outcome, VersionConflict)]
    assert (lost.current_version, (await stored(commands, listing.id)).title) == (2, won.title)


async def test_an_update_of_nothing_is_refused(commands: Commands) -> None:
    seller = await make_person(commands)

    with pytest.raises(InvalidInput):
        async with commands.by(seller) as uow:
            await update_listing(uow, listing_id=ListingId(new_id()))


async def test_a_deleted_listing_keeps_its_row_and_is_deleted_once(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    await delete_by(commands, seller, listing.id)
    with pytest.raises(ListingNotFound):
        await delete_by(commands, seller, listing.id)

    assert (await stored(commands, listing.id)).status is ListingStatus.DELETED
    [event] = await commands.events("listing.deleted")
    assert (event.body["was_public"], event.body["listing_version"]) == (True, 3)
