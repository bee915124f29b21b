"""A listing as it is shown: the entity itself, or what a read found of it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.ids import CategoryId, ListingId, UserId
from domain.instants import StoredInstant
from domain.listings.status import ListingStatus
from domain.money import Asset


class ShownListing(Protocol):
    """Everything of a listing that somebody may see."""

    @property
    def id(self) -> ListingId:
        """Which one."""
        ...

    @property
    def seller_id(self) -> UserId:
        """Who offers it."""
        ...

    @property
    def title(self) -> str:
        """One line."""
        ...

    @property
    def description(self) -> str:
        """What its seller wrote."""
        ...

    @property
    def price_minor(self) -> int:
        """What it costs, in minor units."""
        ...

    @property
    def price_asset(self) -> Asset:
        """What the price is an amount of."""
        ...

    @property
    def category_id(self) -> CategoryId:
        """Where it is filed."""
        ...

    @property
    def city(self) -> str:
        """As its seller typed it."""
        ...

    @property
    def status(self) -> ListingStatus:
        """Where it stands."""
        ...

    @property
    def expires_at(self) -> datetime | StoredInstant | None:
        """When it ends."""
        ...

    @property
    def rejection_reason(self) -> str | None:
        """What a moderator wrote to its seller."""
        ...

    @property
    def flags_count(self) -> int:
        """How many people hold something against it."""
        ...

    @property
    def risk_score(self) -> int:
        """0 to 100."""
        ...

    @property
    def version(self) -> int:
        """Counts its changes."""
        ...

    @property
    def submitted_at(self) -> datetime | StoredInstant:
        """When it last entered the moderators' queue."""
        ...

    @property
    def created_at(self) -> datetime | StoredInstant:
        """When it was offered first."""
        ...

    @property
    def updated_at(self) -> datetime | StoredInstant:
        """When it was last changed."""
        ...


def is_visible(listing: ShownListing, actor: Actor) -> bool:
    """Everybody sees what is active; seller and moderators see it whatever became of it."""
    is_public = listing.status is ListingStatus.ACTIVE
    return is_public or actor.user == listing.seller_id or actor.may(Permission.LISTING_MODERATE)
