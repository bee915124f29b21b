"""Listings through the API: who may, what is answered, what each refusal looks like, and that it left nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from db.reads.listings import listings_by_ids
from domain.catalog.category import Category
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from domain.listings.listing import Listing
from domain.listings.status import ListingStatus
from domain.quotas import Quotas
from tests.api import Api
from tests.commands import Commands
from tests.makers.listings import details, make_category, make_listing, make_waiting_listing
from tests.makers.people import make_person
from tests.resolvers.listing_documents import MARKET, ONE, QUEUE, SHOWN, public_id


def created(category: Category, **changes: Any) -> dict[str, Any]:
    given = {
        "title": "Mountain bike",
        "description": "Ridden twice.",
        "price": {"amount": "12500.50", "asset": "KES"},
        "categoryId": encode_id(IdKind.CATEGORY, category.id),
        "city": "Nairobi",
    }
    return given | changes


async def stored(commands: Commands, listing: Listing) -> Listing:
    async with commands.database.read() as connection:
        return (await listings_by_ids(connection, [listing.id]))[listing.id]


async def test_a_seller_offers_and_a_moderator_publishes(api: Api, commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)

    made = await api.as_(seller).command("listingCreate", SHOWN, **created(category))
    listing_id = made["listing"]["id"]
    approved = await api.as_(moderator).command("listingApprove", SHOWN, listingId=listing_id, expectedVersion=1)

    assert made == {
        "listing": {
            "id": listing_id,
            "title": "Mountain bike",
            "status": "PENDING",
            "version": 1,
            "expiresAt": None,
            "rejectionReason": None,
            "price": {"amount": "12500.50", "asset": "KES", "units": "1250050", "scale": 2},
        },
        "errors": [],
    }
    assert approved["errors"] == []
    assert approved["listing"]["status"] == "ACTIVE"
    assert approved["listing"]["version"] == 2
    assert approved["listing"]["expiresAt"] == "2026-12-20T12:00:00.000Z"
    found = await api.ask(ONE, id=listing_id)
    assert found["listing"] == {
        "title": "Mountain bike",
        "status": "ACTIVE",
        "flagsCount": None,
        "riskScore": None,
        "category": {"slug": "bicycles", "name": "Bicycles"},
        "seller": {"id": seller.label},
    }


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"title": "ab", "city": "N"}, [["title"], ["city"]]),
        ({"title": "x" * 121}, [["title"]]),
        ({"description": "x" * 5_001}, [["description"]]),
        ({"price": {"amount": "1.001", "asset": "KES"}}, [["price", "amount"]]),
        ({"price": {"amount": "0", "asset": "KES"}}, [["price", "amount"]]),
        ({"price": {"amount": "-5", "asset": "KES"}}, [["price", "amount"]]),
        ({"price": {"amount": "99999999999999999999", "asset": "KES"}}, [["price", "amount"]]),
        ({"price": {"amount": "1e3", "asset": "KES"}}, [["price", "amount"]]),
        (
            {"price": {"amount": "0.5", "asset": "POINTS"}, "categoryId": "cat_nothing"},
            [["price", "amount"], ["categoryId"]],
        ),
        ({"categoryId": encode_id(IdKind.LISTING, new_id())}, [["categoryId"]]),
        ({"categoryId": encode_id(IdKind.CATEGORY, new_id())}, [["categoryId"]]),
        ({"title": "bike\u0000bike"}, [["title"]]),
    ],
)
async def test_a_faulty_offer_is_refused_field_by_field(
    api: Api, commands: Commands, changes: dict[str, Any], paths: list[list[str]]
) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    audited = len(await commands.trail())

    refused = await api.as_(seller).command("listingCreate", SHOWN, **created(category, **changes))

    assert refused["listing"] is None
    assert [error["path"] for error in refused["errors"]] == paths
    assert {(error["__typename"], error["code"]) for error in refused["errors"]} == {
        ("ValidationError", "VALIDATION_ERROR")
    }
    assert await commands.events("listing.submitted") == []
    assert len(await commands.trail()) == audited


async def test_the_eleventh_offer_of_a_day_says_when_to_come_back(api: Api, commands: Commands) -> None:
    commands.quotas = Quotas(listing_creates_per_day=1)
    seller = await make_person(commands)
    category = await make_category(commands)
    selection = f"{SHOWN} errors {{ __typename ... on RateLimitError {{ retryAfterSeconds }} }}"

    await api.as_(seller).command("listingCreate", selection, **created(category))
    commands.later(timedelta(hours=1))
    refused = await api.as_(seller).command("listingCreate", selection, **created(category))

    [error] = refused["errors"]
    assert (error["__typename"], error["code"], error["retryable"], error["retryAfterSeconds"]) == (
        "RateLimitError",
        "RATE_LIMIT_EXCEEDED",
        True,
        23 * 3600,
    )


async def test_second_moderator_is_told_it_was_decided(api: Api, commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    refused = await api.as_(moderator).command(
        "listingReject", SHOWN, listingId=public_id(listing), reason="Stock photograph"
    )

    assert refused["listing"] is None
    [error] = refused["errors"]
    assert (error["__typename"], error["reason"], error["currentVersion"], error["message"]) == (
        "ConflictError",
        "LISTING_ALREADY_DECIDED",
        2,
        "This listing was already decided: it is active.",
    )
    assert (await stored(commands, listing)).status is ListingStatus.ACTIVE


async def test_a_rejection_is_read_by_the_seller_and_hidden_from_others(api: Api, commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    rejected = await api.as_(moderator).command(
        "listingReject", SHOWN, listingId=public_id(listing), reason="Stock photograph"
    )
    own = await api.as_(seller).ask("query($id: ID!) { listing(id: $id) { rejectionReason } }", id=public_id(listing))

    assert rejected["listing"]["rejectionReason"] == "Stock photograph"
    assert own["listing"]["rejectionReason"] == "Stock photograph"
    assert (await api.run(ONE, id=public_id(listing))).codes == ["NOT_FOUND"]


async def test_what_is_not_active_looks_like_nothing_to_others(api: Api, commands: Commands) -> None:
    seller, stranger = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))

    hidden = await api.as_(stranger).run(ONE, id=public_id(listing))
    missing = await api.as_(stranger).run(ONE, id=encode_id(IdKind.LISTING, new_id()))
    foreign_kind = await api.as_(stranger).run(ONE, id=stranger.label)

    assert hidden == missing
    assert (hidden.codes, hidden.data) == (["NOT_FOUND"], None)
    assert foreign_kind.codes == ["VALIDATION_ERROR"]


async def test_counts_of_flags_are_for_the_seller_and_the_risk_for_moderators(api: Api, commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    person = await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    flagged = await api.as_(person).command(
        "listingFlag", SHOWN, listingId=public_id(listing), reason="SCAM", note="Asks for a deposit."
    )

    seen = [(await api.as_(actor).ask(ONE, id=public_id(listing)))["listing"] for actor in (person, seller, moderator)]

    assert (flagged["errors"], flagged["listing"]["status"]) == ([], "ACTIVE")
    assert [(one["flagsCount"], one["riskScore"]) for one in seen] == [(None, None), (1, None), (1, 30)]


async def test_the_third_flag_takes_it_off_the_market(api: Api, commands: Commands) -> None:
    seller, moderator = await make_person(commands), await make_person(commands, Role.MODERATOR)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    payloads = [
        await api.as_(await make_person(commands)).command(
            "listingFlag", SHOWN, listingId=public_id(listing), reason="OTHER"
        )
        for _ in range(3)
    ]

    assert [payload["errors"] for payload in payloads] == [[], [], []]
    assert [payload["listing"] is None for payload in payloads] == [False, False, True]
    assert (await api.ask(MARKET))["listings"]["nodes"] == []
    assert (await api.as_(moderator).ask(QUEUE))["moderationQueue"]["nodes"] == [{"title": "Mountain bike"}]


@pytest.mark.parametrize(
    ("twice", "by_seller", "kind", "reason"),
    [(True, False, "ConflictError", "LISTING_ALREADY_FLAGGED"), (False, True, "ConflictError", "OWN_LISTING")],
)
async def test_a_flag_that_does_not_count_says_why(
    api: Api, commands: Commands, twice: bool, by_seller: bool, kind: str, reason: str
) -> None:
    seller, person = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    actor = seller if by_seller else person
    given = {"listingId": public_id(listing), "reason": "SCAM"}
    if twice:
        await api.as_(actor).command("listingFlag", SHOWN, **given)

    refused = await api.as_(actor).command("listingFlag", SHOWN, **given)

    [error] = refused["errors"]
    assert (error["__typename"], error["reason"]) == (kind, reason)
    assert (await stored(commands, listing)).flags_count == int(twice)


async def test_updates_and_deletions_by_their_seller(api: Api, commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))
    given = {"listingId": public_id(listing)}

    stale = await api.as_(seller).command("listingUpdate", SHOWN, **given, title="Road bike", expectedVersion=1)
    updated = await api.as_(seller).command(
        "listingUpdate", SHOWN, **given, price={"amount": "90", "asset": "USD"}, expectedVersion=2
    )
    empty = await api.as_(seller).command("listingUpdate", SHOWN, **given)
    deleted = await api.as_(seller).command("listingDelete", SHOWN, **given, expectedVersion=3)
    again = await api.as_(seller).command("listingDelete", SHOWN, **given)

    [conflict] = stale["errors"]
    assert (conflict["reason"], conflict["currentVersion"]) == ("VERSION_MISMATCH", 2)
    assert (updated["listing"]["status"], updated["listing"]["version"]) == ("PENDING", 3)
    assert (updated["listing"]["title"], updated["listing"]["price"]["amount"]) == ("Mountain bike", "90.00")
    assert [error["code"] for error in empty["errors"]] == ["VALIDATION_ERROR"]
    assert (deleted["listing"]["status"], deleted["listing"]["version"]) == ("DELETED", 4)
    assert [error["__typename"] for error in again["errors"]] == ["NotFoundError"]


async def test_a_foreign_listing_is_not_found_whatever_is_asked_of_it(api: Api, commands: Commands) -> None:
    seller, stranger = await make_person(commands), await make_person(commands)
    category = await make_category(commands)
    listing = await make_listing(commands, seller, details(category.id))

    foreign = await api.as_(stranger).command("listingUpdate", SHOWN, listingId=public_id(listing), title="Mine now")
    missing = await api.as_(stranger).command(
        "listingUpdate", SHOWN, listingId=encode_id(IdKind.LISTING, new_id()), title="Mine now"
    )
    deleted = await api.as_(stranger).command("listingDelete", SHOWN, listingId=public_id(listing))

    assert foreign == missing
    assert [payload["errors"][0]["__typename"] for payload in (foreign, deleted)] == ["NotFoundError"] * 2
    kept = await stored(commands, listing)
    assert (kept.title, kept.version) == ("Mountain bike", 2)


@pytest.mark.parametrize(
    ("field", "given"),
    [("listingApprove", {}), ("listingReject", {"reason": "Stock photograph"})],
)
async def test_only_moderators_decide(api: Api, commands: Commands, field: str, given: dict[str, Any]) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)
    listing = await make_waiting_listing(commands, seller, details(category.id))
    kind = field[0].upper() + field[1:] + "Input"
    document = f"mutation($input: {kind}!) {{ {field}(input: $input) {{ errors {{ code }} }} }}"

    by_seller = await api.as_(seller).run(document, input={"listingId": public_id(listing), **given})
    by_nobody = await api.run(document, input={"listingId": public_id(listing), **given})

    assert (by_seller.codes, by_nobody.codes) == (["FORBIDDEN"], ["AUTHENTICATION_ERROR"])
    assert "listing:moderate" in by_seller.errors[0]["message"]
    assert (await stored(commands, listing)).status is ListingStatus.PENDING


async def test_the_audit_row_names_the_operation_as_the_client_knows_it(api: Api, commands: Commands) -> None:
    seller = await make_person(commands)
    category = await make_category(commands)

    made = await api.as_(seller).command("listingCreate", SHOWN, **created(category))

    entry = (await commands.trail())[-1]
    assert (entry.actor, entry.operation, entry.request_id, entry.address, entry.subject) == (
        seller.label,
        "listingCreate",
        "req-1",
        "203.0.113.7",
        made["listing"]["id"],
    )
