"""Listings live: who hears what of one listing, and what comes and goes in the market."""

from __future__ import annotations

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, ListingId, encode_id, new_id
from domain.listings.flag import FlagReason
from domain.listings.moderation import approve_listing, reject_listing
from domain.listings.reporting import flag_listing
from domain.listings.submission import delete_listing, update_listing
from domain.money import Asset, Money
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing, make_waiting_listing
from tests.makers.people import make_person
from tests.resolvers.live.listening import HEAD, LiveApi

LISTEN = f"""
subscription($listingId: ID, $filter: ListingFeedInput, $after: StreamCursor, $snapshot: Boolean = true) {{
  listingEvents(listingId: $listingId, filter: $filter, after: $after, snapshot: $snapshot) {{
    __typename
    ... on ListingSnapshot {{ cursor listing {{ id status seller {{ displayName }} category {{ slug }} }} }}
    ... on ListingFeedSnapshot {{ cursor listings {{ id title }} }}
    ... on ListingUpdated {{
      {HEAD} listingId status expiryAt title price {{ amount asset }} city categoryId version statusReason }}
    ... on StreamGap {{ reason resumeFrom }}
    ... on StreamHeartbeat {{ cursor }} }} }}
"""


def public_id(listing_id: ListingId) -> str:
    return encode_id(IdKind.LISTING, listing_id)


async def flagged_back(commands: Commands, listing_id: ListingId) -> None:
    """Three people flag it, so that it goes back to the queue."""
    for _ in range(3):
        async with commands.by(await make_person(commands)) as uow:
            await flag_listing(uow, listing_id=listing_id, reason=FlagReason.SCAM, note="")


async def test_the_seller_hears_the_decision_with_its_reason(commands: Commands, live: LiveApi) -> None:
    seller, category = await make_person(commands), await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    await live.settled()

    async with live.listening(seller, LISTEN, listingId=public_id(listing.id)) as heard:
        first = await heard.next()
        async with commands.by_system() as uow:
            await reject_listing(uow, listing_id=listing.id, reason="No photograph of the thing itself")
        rejected = await heard.next()

    assert first["listing"] == {
        "id": public_id(listing.id),
        "status": "PENDING",
        "seller": {"displayName": "Wanjiru"},
        "category": {"slug": "bicycles"},
    }
    assert (rejected["type"], rejected["schemaVersion"], rejected["requestId"]) == ("listings.update", 1, "req-1")
    assert (rejected["status"], rejected["statusReason"]) == ("REJECTED", "No photograph of the thing itself")
    assert (rejected["title"], rejected["price"]) == ("Mountain bike", {"amount": "12500.00", "asset": "KES"})
    assert (rejected["listingId"], rejected["version"], rejected["expiryAt"]) == (public_id(listing.id), 2, None)


async def test_others_hear_that_it_left_and_neither_flags_nor_reasons_nor_new_words(
    commands: Commands, live: LiveApi
) -> None:
    seller, category = await make_person(commands), await make_category(commands)
    moderator, stranger = await make_person(commands, Role.MODERATOR), await make_person(commands)
    listing = await make_listing(commands, seller, details(category.id))
    await live.settled()

    async with (
        live.listening(moderator, LISTEN, listingId=public_id(listing.id)) as all_of_it,
        live.listening(stranger, LISTEN, listingId=public_id(listing.id)) as part_of_it,
    ):
        await all_of_it.next()
        await part_of_it.next()
        await flagged_back(commands, listing.id)
        for_moderator = [await all_of_it.next() for _ in range(3)]
        for_stranger = await part_of_it.next()
        async with commands.by(seller) as uow:
            await update_listing(uow, listing_id=listing.id, title="Other words")
        assert (await all_of_it.next())["title"] == "Other words"
        await part_of_it.silence()

    assert [(item["status"], item["statusReason"]) for item in for_moderator] == [
        ("ACTIVE", "SCAM"),
        ("ACTIVE", "SCAM"),
        ("PENDING", "SCAM"),
    ]
    assert (for_stranger["status"], for_stranger["title"], for_stranger["statusReason"]) == ("PENDING", None, None)


async def test_a_listing_that_is_not_public_does_not_exist_for_others(commands: Commands, live: LiveApi) -> None:
    seller, category = await make_person(commands), await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))
    nobody = Actor.anonymous(address="203.0.113.9")

    for listing_id in (public_id(listing.id), public_id(ListingId(new_id()))):
        async with live.listening(nobody, LISTEN, listingId=listing_id) as heard:
            assert (await heard.refusal())["code"] == "NOT_FOUND"
        async with live.listening(nobody, LISTEN, listingId=listing_id, snapshot=False) as heard:
            assert (await heard.refusal())["code"] == "NOT_FOUND"


async def test_a_city_feed_begins_with_its_market_and_hears_what_comes_and_goes_there(
    commands: Commands, live: LiveApi
) -> None:
    seller, category = await make_person(commands), await make_category(commands)
    there = await make_listing(commands, seller, details(category.id, title="Already there"))
    waiting = await make_waiting_listing(commands, seller, details(category.id, title="About to come"))
    elsewhere = await make_waiting_listing(commands, seller, details(category.id, city="Mombasa"))
    await live.settled()

    async with live.listening(Actor.anonymous(), LISTEN, filter={"city": "NAIROBI"}) as heard:
        first = await heard.next()
        for listing_id in (elsewhere.id, waiting.id):
            async with commands.by_system() as uow:
                await approve_listing(uow, listing_id=listing_id)
        async with commands.by(seller) as uow:
            await update_listing(uow, listing_id=there.id, city="Mombasa", price=Money(1, Asset.KES))
        async with commands.by(seller) as uow:
            await delete_listing(uow, listing_id=waiting.id)
        items = [await heard.next() for _ in range(3)]

    assert [listing["title"] for listing in first["listings"]] == ["Already there"]
    told = [(item["listingId"], item["status"], item["title"], item["city"]) for item in items]
    assert told == [
        (public_id(waiting.id), "ACTIVE", "About to come", "Nairobi"),
        (public_id(there.id), "PENDING", None, "Nairobi"),
        (public_id(waiting.id), "DELETED", None, "Nairobi"),
    ]


async def test_a_category_feed_holds_what_is_below_it(commands: Commands, live: LiveApi) -> None:
    seller = await make_person(commands)
    vehicles = await make_category(commands, "vehicles")
    bicycles = await make_category(commands, "bicycles", parent=vehicles)
    houses = await make_category(commands, "houses")
    category_id = encode_id(IdKind.CATEGORY, vehicles.id)

    async with live.listening(Actor.anonymous(), LISTEN, filter={"categoryId": category_id}) as heard:
        assert (await heard.next())["listings"] == []
        await make_listing(commands, seller, details(houses.id, title="House"))
        await make_listing(commands, seller, details(bicycles.id, title="Bicycle"))
        item = await heard.next()

    assert item["title"] == "Bicycle"
    assert item["categoryId"] == encode_id(IdKind.CATEGORY, bicycles.id)


async def test_faulty_arguments_are_refused(commands: Commands, live: LiveApi) -> None:
    seller, category = await make_person(commands), await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    own = public_id(listing.id)
    unknown = encode_id(IdKind.CATEGORY, new_id())

    for given, code in (
        ({"listingId": own, "filter": {"city": "Nairobi"}}, "VALIDATION_ERROR"),
        ({"listingId": encode_id(IdKind.USER, seller.user_id)}, "VALIDATION_ERROR"),
        ({"listingId": own, "after": "forged"}, "VALIDATION_ERROR"),
        ({"filter": {"categoryId": unknown}}, "NOT_FOUND"),
        ({"filter": {"city": "x" * 200}}, "VALIDATION_ERROR"),
    ):
        async with live.listening(seller, LISTEN, **given) as heard:
            assert (await heard.refusal())["code"] == code


async def test_a_cursor_of_one_listing_resumes_it_and_no_other(commands: Commands, live: LiveApi) -> None:
    seller, category = await make_person(commands), await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))
    another = await make_waiting_listing(commands, seller, details(category.id))
    await live.settled()

    async with live.listening(seller, LISTEN, listingId=public_id(listing.id)) as heard:
        cursor = (await heard.next())["cursor"]
    async with commands.by_system() as uow:
        await approve_listing(uow, listing_id=listing.id)
    async with live.listening(seller, LISTEN, listingId=public_id(listing.id), after=cursor) as heard:
        resumed = await heard.next()
    async with live.listening(seller, LISTEN, listingId=public_id(another.id), after=cursor) as heard:
        refusal = await heard.refusal()

    assert (resumed["__typename"], resumed["status"]) == ("ListingUpdated", "ACTIVE")
    assert refusal["code"] == "VALIDATION_ERROR"
    assert refusal["faults"] == [{"path": ["after"], "message": "is not a cursor of this stream"}]
