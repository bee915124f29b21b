"""The states of a listing and what leads from one to the next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import InvalidInput, VersionConflict
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import CategoryId, ListingId, SessionId, UserId, new_id
from domain.listings.details import ListingDetails
from domain.listings.errors import ListingAlreadyDecided, ListingNotFound, ListingNotUpdatable, OwnListing
from domain.listings.events import ListingApproved, ListingRejected
from domain.listings.flag import FlagReason
from domain.listings.listing import Listing
from domain.listings.status import ListingStatus
from domain.money import Asset, Money

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SELLER = UserId(new_id())
STRANGER = UserId(new_id())


def details(
    *, title: str = "Mountain bike", description: str = "Ridden twice.", price: int = 1_250_000, city: str = "Nairobi"
) -> ListingDetails:
    return ListingDetails.checked(
        title=title,
        description=description,
        price=Money(price, Asset.KES),
        category_id=CategoryId(new_id()),
        city=city,
    )


def waiting() -> Listing:
    listing, _ = Listing.submit(listing_id=ListingId(new_id()), seller_id=SELLER, details=details(), at=NOON)
    return listing


def active() -> Listing:
    listing = waiting()
    listing.approve(at=NOON)
    return listing


def test_a_new_listing_waits_for_a_moderator() -> None:
    wanted = details()

    listing, submitted = Listing.submit(listing_id=ListingId(new_id()), seller_id=SELLER, details=wanted, at=NOON)

    assert listing.status is ListingStatus.PENDING
    assert listing.details == wanted
    assert (listing.version, listing.expires_at, listing.flags_count, listing.risk_score) == (1, None, 0, 0)
    assert (submitted.status, submitted.listing_version, submitted.was_public) == (ListingStatus.PENDING, 1, False)
    assert submitted.price == Money(1_250_000, Asset.KES)


def test_approval_opens_it_for_thirty_days() -> None:
    listing = waiting()

    approved = listing.approve(at=NOON)

    assert listing.status is ListingStatus.ACTIVE
    assert listing.expires_at == datetime(2026, 12, 20, 12, 0, tzinfo=UTC)
    assert isinstance(approved, ListingApproved)
    assert (approved.status, approved.expires_at, approved.listing_version) == (
        ListingStatus.ACTIVE,
        listing.expires_at,
        2,
    )
    assert not approved.was_public
    assert approved.is_public


def test_rejection_keeps_the_reason_for_the_seller() -> None:
    listing = waiting()

    rejected = listing.reject("Stock photograph", at=NOON)

    assert (listing.status, listing.rejection_reason) == (ListingStatus.REJECTED, "Stock photograph")
    assert isinstance(rejected, ListingRejected)
    assert (rejected.reason, rejected.was_public, rejected.listing_version) == ("Stock photograph", False, 2)


def test_second_moderator_is_told_it_was_decided() -> None:
    listing = active()

    with pytest.raises(ListingAlreadyDecided) as second:
        listing.reject("Too late", at=NOON)

    assert (second.value.status, second.value.current_version) == (ListingStatus.ACTIVE, 2)
    assert (listing.status, listing.version, listing.rejection_reason) == (ListingStatus.ACTIVE, 2, None)


def test_update_of_an_active_listing_sends_it_back_to_the_queue() -> None:
    listing = active()
    later = NOON + timedelta(hours=1)

    updated = listing.update(details(title="Mountain bike, red"), at=later)

    assert (listing.status, listing.title, listing.version) == (ListingStatus.PENDING, "Mountain bike, red", 3)
    assert (listing.submitted_at, listing.expires_at) == (later, None)
    assert (updated.was_public, updated.is_public) == (True, False)


def test_update_of_a_rejected_listing_forgets_the_reason() -> None:
    listing = waiting()
    listing.reject("Stock photograph", at=NOON)

    updated = listing.update(details(), at=NOON)

    assert (listing.status, listing.rejection_reason) == (ListingStatus.PENDING, None)
    assert not updated.was_public


def test_update_of_a_waiting_listing_keeps_its_place_in_the_queue() -> None:
    listing = waiting()

    listing.update(details(), at=NOON + timedelta(hours=1))

    assert (listing.status, listing.submitted_at) == (ListingStatus.PENDING, NOON)
    assert listing.updated_at == NOON + timedelta(hours=1)


def test_an_expired_listing_is_not_updated() -> None:
    listing = active()
    listing.expire(at=NOON + timedelta(days=30))

    with pytest.raises(ListingNotUpdatable):
        listing.update(details(title="Still here"), at=NOON)

    assert (listing.status, listing.title, listing.version) == (ListingStatus.EXPIRED, "Mountain bike", 3)


def test_the_third_flag_since_approval_sends_it_back() -> None:
    listing = active()
    later = NOON + timedelta(days=1)

    first = listing.flag(FlagReason.OTHER, by=STRANGER, at=later)
    second = listing.flag(FlagReason.OFFENSIVE, by=UserId(new_id()), at=later)
    third = listing.flag(FlagReason.SCAM, by=UserId(new_id()), at=later)

    assert [flagged.status for flagged in (first, second, third)] == [
        ListingStatus.ACTIVE,
        ListingStatus.ACTIVE,
        ListingStatus.PENDING,
    ]
    assert [flagged.risk_score for flagged in (first, second, third)] == [10, 30, 60]
    assert (third.flags_count, third.was_public, third.expires_at) == (3, True, None)
    assert (listing.submitted_at, listing.version) == (later, 5)


def test_approval_starts_the_count_anew_but_keeps_the_risk() -> None:
    listing = active()
    for _ in range(3):
        listing.flag(FlagReason.SCAM, by=UserId(new_id()), at=NOON)
    listing.approve(at=NOON)

    listing.flag(FlagReason.SCAM, by=STRANGER, at=NOON)

    assert listing.status is ListingStatus.ACTIVE
    assert (listing.flags_count, listing.flags_since_approval, listing.risk_score) == (4, 1, 100)


def test_nobody_flags_their_own() -> None:
    listing = active()

    with pytest.raises(OwnListing):
        listing.flag(FlagReason.SCAM, by=SELLER, at=NOON)

    assert (listing.flags_count, listing.risk_score, listing.version) == (0, 0, 2)


def test_what_nobody_sees_cannot_be_flagged() -> None:
    listing = waiting()

    with pytest.raises(ListingNotFound):
        listing.flag(FlagReason.SCAM, by=STRANGER, at=NOON)

    assert listing.flags_count == 0


def test_a_deleted_listing_is_gone_for_its_seller_and_the_moderators() -> None:
    listing = active()
    deleted = listing.delete(at=NOON)

    assert (listing.status, deleted.was_public, deleted.listing_version) == (ListingStatus.DELETED, True, 3)
    with pytest.raises(ListingNotFound):
        listing.require_seller(SELLER)
    with pytest.raises(ListingNotFound):
        listing.approve(at=NOON)


@pytest.mark.parametrize("status", [status for status in ListingStatus if status is not ListingStatus.ACTIVE])
def test_only_seller_and_moderators_see_what_is_not_active(status: ListingStatus) -> None:
    listing = active()
    listing.status = status
    moderator = Actor.person(STRANGER, SessionId(new_id()), frozenset({Role.MODERATOR}))
    customer = Actor.person(STRANGER, SessionId(new_id()), frozenset({Role.CUSTOMER}))
    seller = Actor.person(SELLER, SessionId(new_id()), frozenset({Role.CUSTOMER}))

    seen = [listing.is_visible_to(actor) for actor in (Actor.anonymous(), customer, seller, moderator)]

    assert seen == [False, False, True, True]


def test_everybody_sees_what_is_active() -> None:
    assert active().is_visible_to(Actor.anonymous())


def test_a_stale_version_is_refused_with_the_present_one() -> None:
    with pytest.raises(VersionConflict) as conflict:
        active().require_version(1)

    assert conflict.value.current_version == 2


def test_every_fault_of_the_details_is_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        details(title="ab", description="x" * 5_001, price=0, city="N")

    assert [(fault.path, fault.message) for fault in refused.value.faults] == [
        (("title",), "must have 3 to 120 characters"),
        (("description",), "must have at most 5000 characters"),
        (("city",), "must have 2 to 80 characters"),
        (("price", "amount"), "must be greater than zero"),
    ]


def test_words_are_trimmed_before_they_are_measured() -> None:
    checked = details(title="  Mountain \n bike ", description=" a\r\nb ", city=" New   Delhi ")

    assert (checked.title, checked.description, checked.city) == ("Mountain bike", "a\nb", "New Delhi")


def test_control_characters_are_refused() -> None:
    with pytest.raises(InvalidInput) as refused:
        details(title="Bike\x00bike", description="bell\x07")

    assert [fault.path for fault in refused.value.faults] == [("title",), ("description",)]
