"""Everybody hears that a listing came and went, and nothing else about it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.ids import CategoryId, ListingId, UserId, new_id
from domain.listings.details import ListingDetails
from domain.listings.flag import FlagReason
from domain.listings.listing import LISTING_LIFETIME, Listing
from domain.listings.publicity import public_change
from domain.listings.status import ListingStatus
from domain.money import Asset, Money

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
NAIROBI = ListingDetails(
    title="Mountain bike",
    description="",
    price=Money(12_000, Asset.KES),
    category_id=CategoryId(new_id()),
    city="Nairobi",
)


def waiting() -> Listing:
    listing, _ = Listing.submit(
        listing_id=ListingId(new_id()), seller_id=UserId(new_id()), details=NAIROBI, at=NOON - timedelta(days=1)
    )
    return listing


def offered() -> Listing:
    listing = waiting()
    listing.approve(at=NOON)
    return listing


def test_an_approved_listing_appears_with_what_it_offers() -> None:
    listing = waiting()

    change = public_change(listing.approve(at=NOON))

    assert change is not None
    assert (change.listing_id, change.status, change.city) == (listing.id, ListingStatus.ACTIVE, "Nairobi")
    assert (change.title, change.price) == ("Mountain bike", Money(12_000, Asset.KES))
    assert change.expires_at == NOON + LISTING_LIFETIME


def test_a_changed_listing_disappears_where_it_was_and_its_new_words_are_not_told() -> None:
    listing = offered()
    elsewhere = replace(NAIROBI, title="Unseen words", city="Mombasa", category_id=CategoryId(new_id()))

    change = public_change(listing.update(elsewhere, at=NOON))

    assert change is not None
    assert (change.status, change.city, change.category_id) == (ListingStatus.PENDING, "Nairobi", NAIROBI.category_id)
    assert (change.title, change.price, change.expires_at) == (None, None, None)


def test_what_leaves_the_market_is_told_without_its_words() -> None:
    deleted, expired = offered(), offered()

    changes = public_change(deleted.delete(at=NOON)), public_change(expired.expire(at=NOON + LISTING_LIFETIME))

    assert [change and (change.status, change.title) for change in changes] == [
        (ListingStatus.DELETED, None),
        (ListingStatus.EXPIRED, None),
    ]


def test_only_the_flag_that_takes_it_off_the_market_is_told() -> None:
    listing = offered()

    told = [public_change(listing.flag(FlagReason.SCAM, by=UserId(new_id()), at=NOON)) for _ in range(3)]

    assert told[:2] == [None, None]
    assert told[2] is not None
    assert told[2].status is ListingStatus.PENDING


def test_nothing_is_told_of_what_nobody_saw() -> None:
    _, submitted = Listing.submit(listing_id=ListingId(new_id()), seller_id=UserId(new_id()), details=NAIROBI, at=NOON)
    unseen = (
        submitted,
        waiting().reject("Not a bike", at=NOON),
        waiting().update(NAIROBI, at=NOON),
        waiting().delete(at=NOON),
    )

    assert [public_change(event) for event in unseen] == [None] * 4
