"""Moderators decide once, people flag once, and time ends what is old."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from db.reads.listings import listings_by_ids
from domain.errors import InvalidInput, VersionConflict
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import ListingId, new_id
from domain.listings.errors import ListingAlreadyDecided, ListingAlreadyFlagged, ListingNotFound, OwnListing
from domain.listings.expiry import expire_listings
from domain.listings.flag import FlagReason
from domain.listings.listing import Listing
from domain.listings.moderation import approve_listing, reject_listing
from domain.listings.reporting import flag_listing
from domain.listings.status import ListingStatus
from domain.listings.submission import update_listing
from domain.quotas import Quotas
from tests.commands import NOON, Commands
from tests.makers.listings import details, make_category, make_listing, make_waiting_listing
from tests.makers.people import make_person


async def stored(commands: Commands, listing_id: ListingId) -> Listing:
    async with commands.database.read() as connection:
        return (await listings_by_ids(connection, [listing_id]))[listing_id]


async def flag(commands: Commands, person: Actor, listing_id: ListingId) -> Listing:
    async with commands.by(person) as uow:
        return await flag_listing(uow, listing_id=listing_id, reason=FlagReason.SCAM, note="Asks for a deposit.")


async def test_approval_is_told_and_audited(commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    async with commands.by(moderator, operation="listingApprove") as uow:
        await approve_listing(uow, listing_id=listing.id, note="Looks fine", expected_version=1)

    kept = await stored(commands, listing.id)
    assert (kept.status, kept.expires_at, kept.version) == (ListingStatus.ACTIVE, NOON + timedelta(days=30), 2)
    [event] = await commands.events("listing.approved")
    assert (event.body["status"], event.body["expires_at"], event.body["listing_version"]) == (
        "ACTIVE",
        "2026-12-20T12:00:00+00:00",
        2,
    )
    entry = (await commands.trail())[-1]
    assert (entry.actor, entry.reason) == (moderator.label, "Looks fine")
    assert entry.changes[0]["before"]["status"] == "PENDING"
    assert entry.changes[0]["after"]["status"] == "ACTIVE"


async def test_second_moderator_is_told_it_was_decided(commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    async def approve() -> Listing:
        async with commands.by(moderator) as uow:
            return await approve_listing(uow, listing_id=listing.id, expected_version=1)

    async def reject() -> Listing:
        async with commands.by(moderator) as uow:
            return await reject_listing(uow, listing_id=listing.id, reason="Doubtful", expected_version=1)

    outcomes = await asyncio.gather(approve(), reject(), return_exceptions=True)

    [won] = [outcome for outcome in outcomes if isinstance(outcome, Listing)]
    [lost] = [outcome for outcome in outcomes if isinstance(outcome, ListingAlreadyDecided)]
    assert (lost.status, lost.current_version) == (won.status, 2)
    assert (await stored(commands, listing.id)).status is won.status
    assert len(await commands.events()) == 3  # the category, the submission, one decision


async def test_a_moderator_does_not_approve_what_was_changed_meanwhile(commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))
    async with commands.by(seller) as uow:
        await update_listing(uow, listing_id=listing.id, title="Something else")

    with pytest.raises(VersionConflict) as conflict:
        async with commands.by(moderator) as uow:
            await approve_listing(uow, listing_id=listing.id, expected_version=1)

    assert conflict.value.current_version == 2
    assert (await stored(commands, listing.id)).status is ListingStatus.PENDING
    assert await commands.events("listing.approved") == []


async def test_a_rejection_carries_its_reason_to_the_seller(commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    async with commands.by(moderator) as uow:
        await reject_listing(uow, listing_id=listing.id, reason=" Counterfeit goods ")

    assert (await stored(commands, listing.id)).rejection_reason == "Counterfeit goods"
    [event] = await commands.events("listing.rejected")
    assert (event.body["reason"], event.body["status"]) == ("Counterfeit goods", "REJECTED")
    assert (await commands.trail())[-1].reason == "Counterfeit goods"


@pytest.mark.parametrize("reason", ["", "  ", "no", "x" * 501])
async def test_a_rejection_without_a_reason_changes_nothing(commands: Commands, reason: str) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    with pytest.raises(InvalidInput) as refused:
        async with commands.by(moderator) as uow:
            await reject_listing(uow, listing_id=listing.id, reason=reason)

    assert refused.value.faults[0].path == ("reason",)
    assert (await stored(commands, listing.id)).status is ListingStatus.PENDING
    assert await commands.events("listing.rejected") == []


async def test_an_unknown_listing_is_not_decided(commands: Commands) -> None:
    with pytest.raises(ListingNotFound):
        async with commands.by_system() as uow:
            await approve_listing(uow, listing_id=ListingId(new_id()))


async def test_three_people_send_a_listing_back_to_the_queue(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    people = [await make_person(commands) for _ in range(4)]

    statuses = [(await flag(commands, person, listing.id)).status for person in people[:3]]
    with pytest.raises(ListingNotFound):
        await flag(commands, people[3], listing.id)

    assert statuses == [ListingStatus.ACTIVE, ListingStatus.ACTIVE, ListingStatus.PENDING]
    kept = await stored(commands, listing.id)
    assert (kept.flags_count, kept.risk_score, kept.expires_at, kept.version) == (3, 90, None, 5)
    events = await commands.events("listing.flagged")
    assert [(event.body["status"], event.body["flags_count"]) for event in events] == [
        ("ACTIVE", 1),
        ("ACTIVE", 2),
        ("PENDING", 3),
    ]
    assert not any(person.label in str(event.body) for event in events for person in people)


async def test_a_second_flag_of_one_person_does_not_count(commands: Commands) -> None:
    seller, person = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    await flag(commands, person, listing.id)

    with pytest.raises(ListingAlreadyFlagged):
        await flag(commands, person, listing.id)

    kept = await stored(commands, listing.id)
    assert (kept.flags_count, kept.risk_score, kept.version) == (1, 30, 3)
    assert len(await commands.events("listing.flagged")) == 1


async def test_parallel_flags_of_one_person_count_once(commands: Commands) -> None:
    seller, person = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    outcomes = await asyncio.gather(*(flag(commands, person, listing.id) for _ in range(5)), return_exceptions=True)

    refused = [type(outcome) for outcome in outcomes if isinstance(outcome, BaseException)]
    assert refused == [ListingAlreadyFlagged] * 4
    assert (await stored(commands, listing.id)).flags_count == 1


async def test_nobody_flags_their_own(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    with pytest.raises(OwnListing):
        await flag(commands, seller, listing.id)

    assert (await stored(commands, listing.id)).flags_count == 0


async def test_listings_end_on_time_in_batches_and_once(commands: Commands) -> None:
    commands.quotas = Quotas(listing_creates_per_day=None)
    seller = await make_person(commands)
    category = await make_category(commands)
    due = [await make_listing(commands, seller, details(category.id)) for _ in range(3)]
    commands.later(timedelta(seconds=1))
    lasting = await make_listing(commands, seller, details(category.id))
    commands.now = NOON + timedelta(days=30)
    audited = len(await commands.trail())

    counts = []
    for _ in range(3):
        async with commands.by_system(operation="job.expire_listings") as uow:
            counts.append(await expire_listings(uow, limit=2))

    assert counts == [2, 1, 0]
    assert [(await stored(commands, listing.id)).status for listing in due] == [ListingStatus.EXPIRED] * 3
    assert (await stored(commands, lasting.id)).status is ListingStatus.ACTIVE
    events = await commands.events("listing.expired")
    assert {event.body["listing_id"] for event in events} == {str(listing.id) for listing in due}
    assert len(await commands.trail()) == audited + 2  # the run that found nothing left no trace


async def test_two_workers_share_what_is_due(commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    for _ in range(4):
        await make_listing(commands, seller, details(category.id))
    commands.now = NOON + timedelta(days=31)

    async def run() -> int:
        async with commands.by_system() as uow:
            ended = await expire_listings(uow, limit=2)
            await asyncio.sleep(0.1)
            return ended

    assert tuple(await asyncio.gather(run(), run())) == (2, 2)
    assert len(await commands.events("listing.expired")) == 4
