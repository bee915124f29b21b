"""What happens to listings. Every event carries the listing as it is from then on, so that it can be drawn at once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.ids import CategoryId, IdKind, ListingId, UserId, encode_id
from domain.listings.flag import FlagReason
from domain.listings.status import ListingStatus
from domain.money import Money


@dataclass(frozen=True, kw_only=True)
class ListingFacts:
    """The listing after the event. `was_public`: everybody could see it before, so everybody is told it changed."""

    listing_id: ListingId
    seller_id: UserId
    status: ListingStatus
    title: str
    price: Money
    city: str
    category_id: CategoryId
    expires_at: datetime | None
    listing_version: int
    was_public: bool

    @property
    def subject(self) -> str:
        """The listing."""
        return encode_id(IdKind.LISTING, self.listing_id)

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it now."""
        return self.status is ListingStatus.ACTIVE


@dataclass(frozen=True, kw_only=True)
class ListingSubmitted(ListingFacts, Event):
    """A seller offers something new; it waits for a moderator."""

    name: ClassVar[str] = "listing.submitted"


@dataclass(frozen=True, kw_only=True)
class ListingUpdated(ListingFacts, Event):
    """Its seller changed it; it waits for a moderator again. It may have been filed elsewhere before."""

    name: ClassVar[str] = "listing.updated"

    previous_city: str
    previous_category_id: CategoryId


@dataclass(frozen=True, kw_only=True)
class ListingApproved(ListingFacts, Event):
    """A moderator let it into the market."""

    name: ClassVar[str] = "listing.approved"


@dataclass(frozen=True, kw_only=True)
class ListingRejected(ListingFacts, Event):
    """A moderator refused it; the reason is for its seller."""

    name: ClassVar[str] = "listing.rejected"

    reason: str


@dataclass(frozen=True, kw_only=True)
class ListingFlagged(ListingFacts, Event):
    """Somebody holds something against it. Who did is nobody's business here."""

    name: ClassVar[str] = "listing.flagged"

    reason: FlagReason
    flags_count: int
    risk_score: int


@dataclass(frozen=True, kw_only=True)
class ListingExpired(ListingFacts, Event):
    """Its time is over."""

    name: ClassVar[str] = "listing.expired"


@dataclass(frozen=True, kw_only=True)
class ListingDeleted(ListingFacts, Event):
    """Its seller took it back."""

    name: ClassVar[str] = "listing.deleted"
