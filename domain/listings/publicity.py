"""What everybody is told about a listing: that it came into the market, and that it left."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.ids import CategoryId, ListingId, UserId
from domain.listings.events import ListingFacts, ListingUpdated
from domain.listings.status import ListingStatus
from domain.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicChange:
    """A listing appeared or disappeared, in the city and category where people see it or saw it last.

    What its seller wrote is told only while a moderator's approval holds for it.
    """

    listing_id: ListingId
    status: ListingStatus
    version: int
    city: str
    category_id: CategoryId
    title: str | None
    price: Money | None
    expires_at: datetime | None


def is_public_change(event: ListingFacts) -> bool:
    """Whether anything changed for everybody."""
    return event.is_public != event.was_public


def public_change(event: ListingFacts) -> PublicChange | None:
    """What everybody is told of this event; None where nothing changed for them."""
    if not is_public_change(event):
        return None
    city, category_id = event.city, event.category_id
    if isinstance(event, ListingUpdated):
        city, category_id = event.previous_city, event.previous_category_id
    return PublicChange(
        listing_id=event.listing_id,
        status=event.status,
        version=event.listing_version,
        city=city,
        category_id=category_id,
        title=event.title if event.is_public else None,
        price=event.price if event.is_public else None,
        expires_at=event.expires_at if event.is_public else None,
    )


def hears_everything(actor: Actor, *, seller_id: UserId) -> bool:
    """Whether more than the public changes are told to this actor: its seller, and who decides about it."""
    return actor.user == seller_id or actor.may(Permission.LISTING_MODERATE)
