"""Listings as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Self

import strawberry

from domain.faults import Faults
from domain.identity.roles import Permission
from domain.ids import CategoryId, IdKind, decode_id, encoder_of
from domain.listings.details import ListingDetails
from domain.listings.flag import FlagReason
from domain.listings.search import ListingFilter, ListingSort, PriceRange
from domain.listings.shown import ShownListing
from domain.listings.status import ListingStatus
from domain.money import Asset
from schema.catalog import Category, category_id
from schema.errors import Payload
from schema.fields import edge
from schema.identity import User
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.scalars import DecimalString
from schema.shown import shown

_listing_id: Final = encoder_of(IdKind.LISTING)

strawberry.enum(ListingStatus, description="Where a listing stands.")
strawberry.enum(ListingSort, description="The order of a list of listings.")
strawberry.enum(FlagReason, name="ListingFlagReason", description="What is wrong with a listing.")


@strawberry.type
class Listing(Node):
    """A classified ad. Everybody sees it while it is ACTIVE; its seller and moderators always."""

    entity: strawberry.Private[ShownListing]

    id: strawberry.ID = shown(_listing_id, "entity.id")
    seller: User = edge(key="entity.seller_id", loader="user", is_often_known=True)
    """Who offers it."""
    title: str = shown("entity.title")
    """One line, 3 to 120 characters."""
    description: str = shown("entity.description")
    """At most 5000 characters."""
    price: Money = shown(Money, units="entity.price_minor", asset="entity.price_asset")
    """What it costs."""
    category_id: strawberry.ID = shown(category_id, "entity.category_id")
    """Where it is filed."""
    category: Category = edge(key="entity.category_id", loader="category", is_often_known=True)
    """Where it is filed."""
    city: str = shown("entity.city")
    """As the seller typed it."""
    status: ListingStatus = shown("entity.status")
    """Where it stands."""
    expires_at: datetime | None = shown("entity.expires_at")
    """When it ends; null until it is approved."""
    rejection_reason: str | None = shown("entity.rejection_reason")
    """What the moderator wrote to the seller; null unless it is REJECTED."""
    version: int = shown("entity.version")
    """Counts its changes; send it back as expectedVersion."""
    submitted_at: datetime = shown("entity.submitted_at")
    """When it last entered the moderators' queue."""
    created_at: datetime = shown("entity.created_at")
    """When it was offered first."""
    updated_at: datetime = shown("entity.updated_at")
    """When it was last changed."""

    @classmethod
    def of(cls, listing: ShownListing) -> Self:
        """Of a listing that the caller may see, which was asked before."""
        return cls(entity=listing)

    @strawberry.field
    def flags_count(self, info: strawberry.Info[Any, None]) -> int | None:
        """How many people hold something against it; null for everybody but its seller and moderators."""
        actor = info.context.actor
        may_see = actor.user == self.entity.seller_id or actor.may(Permission.LISTING_MODERATE)
        return self.entity.flags_count if may_see else None

    @strawberry.field
    def risk_score(self, info: strawberry.Info[Any, None]) -> int | None:
        """0 to 100, raised by flags; null for everybody but moderators."""
        return self.entity.risk_score if info.context.actor.may(Permission.LISTING_MODERATE) else None


@strawberry.input
class PriceRangeInput:
    """Prices in one asset; both ends are included, an end left out is open."""

    asset: Asset
    """Only listings priced in it are found."""
    min: DecimalString | None = None
    """The lowest price."""
    max: DecimalString | None = None
    """The highest price."""


@strawberry.input
class ListingFilterInput:
    """What is looked for; all that is given must agree."""

    city: str | None = None
    """Upper and lower case are the same."""
    category_id: strawberry.ID | None = None
    """The category and everything below it."""
    price: PriceRangeInput | None = None
    """What it may cost."""
    text: str | None = None
    """Words of title and description; "quoted words" stand together, `or` between alternatives, `-` before what not."""

    def parse(self) -> ListingFilter:
        """The filter of the domain.

        Raises:
            InvalidInput: with every fault there is.
        """
        faults = Faults()
        category_id, price = None, None
        with faults.kept():
            if self.category_id is not None:
                category_id = CategoryId(decode_id(IdKind.CATEGORY, self.category_id, path=("filter", "categoryId")))
        with faults.kept():
            if self.price is not None:
                price = PriceRange.parse(self.price.asset, lowest=self.price.min, highest=self.price.max)
        faults.refuse_any()
        return ListingFilter.checked(city=self.city, category_id=category_id, price=price, text=self.text)


@strawberry.input
class ListingCreateInput:
    """What is offered; it waits for a moderator."""

    title: str
    """One line, 3 to 120 characters."""
    price: MoneyInput
    """Above zero."""
    category_id: strawberry.ID
    """An open category."""
    city: str
    """2 to 80 characters."""
    description: str = ""
    """At most 5000 characters."""

    def parse(self) -> ListingDetails:
        """The details of the domain.

        Raises:
            InvalidInput: with the faults of price and category, or else with all others.
        """
        faults = Faults()
        with faults.kept():
            price = self.price.parse(path=("price",))
        with faults.kept():
            category_id = CategoryId(decode_id(IdKind.CATEGORY, self.category_id, path=("categoryId",)))
        faults.refuse_any()
        return ListingDetails.checked(
            title=self.title, description=self.description, price=price, category_id=category_id, city=self.city
        )


@strawberry.input
class ListingUpdateInput:
    """What is left out stays; at least one field is given."""

    listing_id: strawberry.ID
    """One of your own listings."""
    title: str | None = None
    """One line, 3 to 120 characters."""
    description: str | None = None
    """At most 5000 characters."""
    price: MoneyInput | None = None
    """Above zero."""
    category_id: strawberry.ID | None = None
    """An open category."""
    city: str | None = None
    """2 to 80 characters."""
    expected_version: int | None = None
    """Refuses when the listing was changed since this version was read."""


@strawberry.input
class ListingDeleteInput:
    """Which listing is taken back."""

    listing_id: strawberry.ID
    """One of your own listings."""
    expected_version: int | None = None
    """Refuses when the listing was changed since this version was read."""


@strawberry.input
class ListingApproveInput:
    """Which waiting listing goes to the market."""

    listing_id: strawberry.ID
    """A listing that waits."""
    note: str | None = None
    """Kept in the audit trail, at most 500 characters."""
    expected_version: int | None = None
    """Refuses when the seller changed it since this version was read."""


@strawberry.input
class ListingRejectInput:
    """Which waiting listing is refused, and why."""

    listing_id: strawberry.ID
    """A listing that waits."""
    reason: str
    """For the seller, 3 to 500 characters."""
    expected_version: int | None = None
    """Refuses when the seller changed it since this version was read."""


@strawberry.input
class ListingFlagInput:
    """What is wrong with a listing that everybody sees."""

    listing_id: strawberry.ID
    """Somebody else's listing."""
    reason: FlagReason
    """The kind of wrong."""
    note: str = ""
    """For the moderators, at most 500 characters."""


@strawberry.type
class ListingCreatePayload(Payload):
    """The new listing."""

    listing: Listing | None = None
    """Null when it was refused."""


@strawberry.type
class ListingUpdatePayload(Payload):
    """The changed listing."""

    listing: Listing | None = None
    """Null when it was refused."""


@strawberry.type
class ListingDeletePayload(Payload):
    """The listing that was taken back."""

    listing: Listing | None = None
    """Null when it was refused."""


@strawberry.type
class ListingApprovePayload(Payload):
    """The listing in the market."""

    listing: Listing | None = None
    """Null when it was refused."""


@strawberry.type
class ListingRejectPayload(Payload):
    """The refused listing."""

    listing: Listing | None = None
    """Null when it was not rejected."""


@strawberry.type
class ListingFlagPayload(Payload):
    """The flagged listing as everybody sees it."""

    listing: Listing | None = None
    """Null when the flag was refused, and when it was the one that took the listing off the market."""
