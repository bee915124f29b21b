"""What is told live about listings."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Self

import strawberry

from domain.ids import CategoryId, IdKind, decode_id, encoder_of
from domain.listings.events import ListingFacts, ListingFlagged, ListingRejected
from domain.listings.publicity import PublicChange
from domain.listings.search import ListingFilter
from domain.listings.status import ListingStatus
from schema.listings import Listing
from schema.money import Money
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat

_listing_id: Final = encoder_of(IdKind.LISTING)
_category_id: Final = encoder_of(IdKind.CATEGORY)


@strawberry.input
class ListingFeedInput:
    """Which part of the market to listen to; all that is given must agree."""

    city: str | None = None
    """Upper and lower case are the same."""
    category_id: strawberry.ID | None = None
    """The category and everything that is below it when you subscribe."""

    def parse(self) -> ListingFilter:
        """The filter of the domain.

        Raises:
            InvalidInput: no category's id, or a city that is too long.
        """
        category_id = None
        if self.category_id is not None:
            category_id = CategoryId(decode_id(IdKind.CATEGORY, self.category_id, path=("filter", "categoryId")))
        return ListingFilter.checked(city=self.city, category_id=category_id, price=None, text=None)


@strawberry.type
class ListingSnapshot:
    """One listing as it stands."""

    listing: Listing
    """As you may see it."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class ListingFeedSnapshot:
    """The part of the market that you listen to, as it stands."""

    listings: list[Listing]
    """The newest 50; `listings` has the others."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class ListingUpdated(DomainEvent):
    """A listing came into the market, left it, or was decided about.

    People who neither sell nor moderate it hear that it came and went; what it says is null for them once it left.
    """

    listing_id: strawberry.ID
    """Which."""
    status: ListingStatus
    """Where it stands from now on."""
    expiry_at: datetime | None
    """When it ends; null while it is not in the market."""
    title: str | None
    """What is offered."""
    price: Money | None
    """What it costs."""
    city: str
    """Where it is offered; where it was, once it left."""
    category_id: strawberry.ID
    """Where it is filed; where it was, once it left."""
    version: int
    """The listing's version; what has a lower one is older."""
    status_reason: str | None
    """Why it was rejected or flagged; for its seller and moderators only."""

    @classmethod
    def whole(cls, event: ListingFacts, head: EventHead) -> Self:
        """For the seller and moderators."""
        return cls(
            **head,
            listing_id=strawberry.ID(_listing_id(event.listing_id)),
            status=event.status,
            expiry_at=event.expires_at,
            title=event.title,
            price=Money.of(event.price),
            city=event.city,
            category_id=strawberry.ID(_category_id(event.category_id)),
            version=event.listing_version,
            status_reason=str(event.reason) if isinstance(event, ListingRejected | ListingFlagged) else None,
        )

    @classmethod
    def public(cls, change: PublicChange, head: EventHead) -> Self:
        """For everybody."""
        return cls(
            **head,
            listing_id=strawberry.ID(_listing_id(change.listing_id)),
            status=change.status,
            expiry_at=change.expires_at,
            title=change.title,
            price=Money.of(change.price) if change.price else None,
            city=change.city,
            category_id=strawberry.ID(_category_id(change.category_id)),
            version=change.version,
            status_reason=None,
        )


ListingStreamItem = Annotated[
    ListingSnapshot | ListingFeedSnapshot | ListingUpdated | StreamGap | StreamHeartbeat,
    strawberry.union("ListingStreamItem", description="What listingEvents tells; more kinds may come."),
]
