"""Every event goes where it should and nowhere else, and the page about events says so."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

import domain
from db.outbox import StoredEvent
from domain.events import Event, event_types
from domain.identity.access import SessionEnd
from domain.identity.events import RoleRevoked, SessionEnded, SessionStarted, UserBlocked
from domain.identity.roles import Role
from domain.ids import CategoryId, IdKind, ListingId, SessionId, TransactionId, UserId, WalletId, encode_id, new_id
from domain.ledger.codes import TransactionType
from domain.ledger.events import BalanceChanged, TransactionFact
from domain.ledger.statement import TransactionStatus
from domain.listings.events import ListingApproved, ListingRejected, ListingUpdated
from domain.listings.status import ListingStatus
from domain.money import Asset, Money
from domain.plain import from_plain, to_plain
from domain.settings.events import SettingsUpdated
from realtime.documentation import events_page
from realtime.publication import Publication, PublishingTable, Unroutable
from realtime.publishing import publishing_table

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def events_of_the_domain() -> Iterator[type[Event]]:
    """Every event type in `domain/`, whether or not anything imported it."""
    for module in pkgutil.walk_packages(domain.__path__, "domain."):
        importlib.import_module(module.name)
    for kind in event_types():
        if kind.__module__.startswith("domain.") and hasattr(kind, "name"):
            yield kind


def stored(event: Event) -> StoredEvent:
    body = to_plain(event)
    assert isinstance(body, dict)
    return StoredEvent(
        id=1,
        event_id=new_id(),
        name=event.name,
        version=event.version,
        subject=event.subject,
        body=body,
        request_id="req",
        at=NOON,
    )


def listing_facts(**more: Any) -> dict[str, Any]:
    return {
        "listing_id": ListingId(new_id()),
        "seller_id": UserId(new_id()),
        "status": ListingStatus.ACTIVE,
        "title": "Mountain bike",
        "price": Money(12_000, Asset.KES),
        "city": "Nairobi",
        "category_id": CategoryId(new_id()),
        "expires_at": NOON,
        "listing_version": 7,
        "was_public": False,
        **more,
    }


def test_every_event_says_whether_and_where_it_goes_live() -> None:
    named = {publication.event for publication in publishing_table().publications}

    assert named == set(events_of_the_domain())


def test_no_field_of_an_event_hides_what_every_event_says_of_itself() -> None:
    own = {"name", "version", "subject"}

    assert [kind for kind in events_of_the_domain() if own & {field.name for field in dataclasses.fields(kind)}] == []


def test_an_approved_listing_goes_to_its_own_channel_and_to_the_feeds_of_its_city_and_of_all() -> None:
    event = ListingApproved(**listing_facts(city="  New   York "))

    routed = publishing_table().route(stored(event))

    own = f"listing:{encode_id(IdKind.LISTING, event.listing_id)}"
    assert routed.type == "listings.update"
    assert set(routed.bodies) == {own, "feed", "feed:new york"}
    assert from_plain(ListingApproved, routed.bodies[own]) == event
    assert routed.bodies["feed"] == routed.bodies["feed:new york"]
    assert routed.bodies["feed"]["title"] == "Mountain bike"


def test_the_reason_of_a_rejection_never_reaches_a_feed() -> None:
    event = ListingRejected(**listing_facts(status=ListingStatus.REJECTED), reason="Not a bike")

    routed = publishing_table().route(stored(event))

    assert set(routed.bodies) == {f"listing:{encode_id(IdKind.LISTING, event.listing_id)}"}


def test_a_listing_that_moved_is_told_where_it_was_without_its_new_words() -> None:
    event = ListingUpdated(
        **listing_facts(status=ListingStatus.PENDING, was_public=True, city="Mombasa", title="Unseen"),
        previous_city="Nairobi",
        previous_category_id=CategoryId(new_id()),
    )

    routed = publishing_table().route(stored(event))

    assert {"feed", "feed:nairobi"} < set(routed.bodies)
    assert "feed:mombasa" not in routed.bodies
    assert "Unseen" not in str(routed.bodies["feed:nairobi"])
    assert "Mombasa" not in str(routed.bodies["feed:nairobi"])


def test_money_is_told_to_its_wallet_alone_under_the_seeds_name() -> None:
    money = Money(500, Asset.KES)
    event = BalanceChanged(
        user_id=UserId(new_id()),
        wallet_id=WalletId(new_id()),
        balance=money,
        held=money,
        available=money,
        wallet_version=3,
        txn=TransactionFact(
            id=TransactionId(new_id()),
            type=TransactionType.CREDIT,
            status=TransactionStatus.COMPLETED,
            amount=money,
            reference="order:1:paid",
        ),
    )

    routed = publishing_table().route(stored(event))

    own = f"wallet:{encode_id(IdKind.WALLET, event.wallet_id)}"
    assert (routed.type, set(routed.bodies)) == ("wallet.update", {own})
    assert from_plain(BalanceChanged, routed.bodies[own]) == event


def test_ended_access_is_told_to_the_person_and_to_every_process() -> None:
    who = UserId(new_id())
    own = f"user:{encode_id(IdKind.USER, who)}"
    table = publishing_table()

    blocked = table.route(stored(UserBlocked(user_id=who, reason="Fraud", until=NOON, generation=2)))
    ended = table.route(stored(SessionEnded(user_id=who, session_id=SessionId(new_id()), reason=SessionEnd.SIGNED_OUT)))
    revoked = table.route(stored(RoleRevoked(user_id=who, role=Role.MODERATOR, generation=3)))
    started = table.route(stored(SessionStarted(user_id=who, session_id=SessionId(new_id()))))

    assert (blocked.type, set(blocked.bodies)) == ("user.blocked", {own, "access"})
    assert blocked.bodies["access"] == {}
    assert set(ended.bodies) == {own, "access"}
    assert set(revoked.bodies) == {"access"}
    assert started.bodies == {}


def test_changed_settings_are_told_by_their_keys() -> None:
    changed = SettingsUpdated(keys=("listing_days", "categories"), about="cat_1")

    routed = publishing_table().route(stored(changed))

    body = {"keys": ["listing_days", "categories"], "about": "cat_1"}
    assert (routed.type, routed.bodies) == ("settings.update", {"settings": body})


def test_an_unknown_event_and_a_faulty_body_are_unroutable() -> None:
    known = stored(SettingsUpdated(keys=("categories",)))
    table = publishing_table()

    for faulty in (
        dataclasses.replace(known, name="settings.burnt"),
        dataclasses.replace(known, version=2),
        dataclasses.replace(known, body={"nothing": 1}),
    ):
        with pytest.raises(Unroutable, match="outbox id 1"):
            table.route(faulty)


def test_an_event_type_cannot_have_two_rows() -> None:
    row = Publication(SettingsUpdated, "settings.update", ())

    with pytest.raises(AssertionError):
        PublishingTable([row, row])


def test_the_page_names_every_event_with_its_fields_and_listeners() -> None:
    page = events_page()

    for kind in events_of_the_domain():
        section = page.split(f"\n## {kind.name} {kind.version}\n")[1].split("\n## ")[0]
        assert all(f"| {field.name} |" in section for field in dataclasses.fields(kind))
    assert "- `wallet:{wal_…}`: the owner" in page.split("\n## wallet.update 1\n")[1].split("\n## ")[0]
