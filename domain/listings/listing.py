"""A classified ad and everything that may become of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from domain.errors import VersionConflict
from domain.identity.actor import Actor
from domain.ids import CategoryId, ListingId, UserId
from domain.listings.details import ListingDetails
from domain.listings.errors import ListingAlreadyDecided, ListingNotFound, ListingNotUpdatable, OwnListing
from domain.listings.events import (
    ListingApproved,
    ListingDeleted,
    ListingExpired,
    ListingFlagged,
    ListingRejected,
    ListingSubmitted,
    ListingUpdated,
)
from domain.listings.flag import FlagReason
from domain.listings.shown import is_visible
from domain.listings.status import ListingStatus
from domain.money import Asset, Money

LISTING_LIFETIME: Final = timedelta(days=30)  # the product's figures name none; a month, as classifieds usually give
FLAGS_TO_REQUEUE: Final = 3
RISK_MAX: Final = 100


@dataclass(eq=False, kw_only=True)
class Listing:
    """A classified ad. Waits until a moderator decides; expires `LISTING_LIFETIME` after approval.

    `submitted_at` is when it last entered the moderators' queue, `flags_since_approval` what may bring it back there.
    `version` counts its changes.
    """

    id: ListingId
    seller_id: UserId
    title: str
    description: str
    price: Money
    category_id: CategoryId
    city: str
    status: ListingStatus = ListingStatus.PENDING
    expires_at: datetime | None = None
    rejection_reason: str | None = None
    flags_count: int = 0
    flags_since_approval: int = 0
    risk_score: int = 0
    version: int = 1
    submitted_at: datetime
    created_at: datetime
    updated_at: datetime

    @classmethod
    def submit(
        cls, *, listing_id: ListingId, seller_id: UserId, details: ListingDetails, at: datetime
    ) -> tuple[Listing, ListingSubmitted]:
        """A new listing, waiting for a moderator."""
        listing = cls(
            id=listing_id,
            seller_id=seller_id,
            title=details.title,
            description=details.description,
            price=details.price,
            category_id=details.category_id,
            city=details.city,
            submitted_at=at,
            created_at=at,
            updated_at=at,
        )
        return listing, ListingSubmitted(**listing._facts(), was_public=False)

    @property
    def details(self) -> ListingDetails:
        """What its seller wrote."""
        return ListingDetails(
            title=self.title,
            description=self.description,
            price=self.price,
            category_id=self.category_id,
            city=self.city,
        )

    @property
    def is_public(self) -> bool:
        """Whether everybody sees it."""
        return self.status is ListingStatus.ACTIVE

    def is_visible_to(self, actor: Actor) -> bool:
        """Everybody sees what is active; seller and moderators see it whatever became of it."""
        return is_visible(self, actor)

    @property
    def price_minor(self) -> int:
        """What it costs, in minor units."""
        return self.price.minor

    @property
    def price_asset(self) -> Asset:
        """What the price is an amount of."""
        return self.price.asset

    def require_seller(self, user_id: UserId) -> None:
        """Only its seller goes on, and only while it was not deleted.

        Raises:
            ListingNotFound: it is somebody else's or deleted; the two look alike.
        """
        if self.seller_id != user_id or self.status is ListingStatus.DELETED:
            raise ListingNotFound

    def require_version(self, expected: int | None) -> None:
        """Go on only when the caller read the present state; None does not ask.

        Raises:
            VersionConflict: it was changed since.
        """
        if expected is not None and expected != self.version:
            raise VersionConflict(self.version)

    def require_waiting(self) -> None:
        """Only what waits for a moderator is decided.

        Raises:
            ListingNotFound: it was deleted.
            ListingAlreadyDecided: it is not waiting.
        """
        if self.status is ListingStatus.DELETED:
            raise ListingNotFound
        if self.status is not ListingStatus.PENDING:
            raise ListingAlreadyDecided(self.status, current_version=self.version)

    def update(self, details: ListingDetails, *, at: datetime) -> ListingUpdated:
        """Change what is offered; it waits for a moderator again, at the end of the queue unless it stood there.

        Raises:
            ListingNotUpdatable: it has expired.
        """
        if self.status is ListingStatus.EXPIRED:
            raise ListingNotUpdatable(current_version=self.version)
        was_public, city, category_id = self.is_public, self.city, self.category_id
        self.title, self.description = details.title, details.description
        self.price, self.category_id, self.city = details.price, details.category_id, details.city
        self.rejection_reason = None
        self._queue(at=at)
        self._changed(at=at)
        return ListingUpdated(
            **self._facts(), was_public=was_public, previous_city=city, previous_category_id=category_id
        )

    def approve(self, *, at: datetime) -> ListingApproved:
        """Let it into the market.

        Raises:
            ListingNotFound: it was deleted.
            ListingAlreadyDecided: it is not waiting.
        """
        self.require_waiting()
        self.status = ListingStatus.ACTIVE
        self.expires_at = at + LISTING_LIFETIME
        self.flags_since_approval = 0
        self._changed(at=at)
        return ListingApproved(**self._facts(), was_public=False)

    def reject(self, reason: str, *, at: datetime) -> ListingRejected:
        """Refuse it, telling its seller why.

        Raises:
            ListingNotFound: it was deleted.
            ListingAlreadyDecided: it is not waiting.
        """
        self.require_waiting()
        self.status = ListingStatus.REJECTED
        self.rejection_reason = reason
        self._changed(at=at)
        return ListingRejected(**self._facts(), was_public=False, reason=reason)

    def flag(self, reason: FlagReason, *, by: UserId, at: datetime) -> ListingFlagged:
        """Count what somebody holds against it; with the third flag since its approval it waits again.

        Raises:
            OwnListing: one's own is not flagged.
            ListingNotFound: only what everybody sees can be flagged.
        """
        if by == self.seller_id and self.status is not ListingStatus.DELETED:
            raise OwnListing
        if not self.is_public:
            raise ListingNotFound
        self.flags_count += 1
        self.flags_since_approval += 1
        self.risk_score = min(RISK_MAX, self.risk_score + reason.risk)
        if self.flags_since_approval >= FLAGS_TO_REQUEUE:
            self._queue(at=at)
        self._changed(at=at)
        return ListingFlagged(
            **self._facts(),
            was_public=True,
            reason=reason,
            flags_count=self.flags_count,
            risk_score=self.risk_score,
        )

    def expire(self, *, at: datetime) -> ListingExpired:
        """Its time is over."""
        assert self.status is ListingStatus.ACTIVE, "only what is offered expires"
        assert self.expires_at is not None, "what is offered has an end"
        assert self.expires_at <= at, "nothing expires before its time"
        self.status = ListingStatus.EXPIRED
        self._changed(at=at)
        return ListingExpired(**self._facts(), was_public=True)

    def delete(self, *, at: datetime) -> ListingDeleted:
        """Its seller takes it back; the row stays for the moderators and the trail."""
        was_public = self.is_public
        self.status = ListingStatus.DELETED
        self._changed(at=at)
        return ListingDeleted(**self._facts(), was_public=was_public)

    def _queue(self, *, at: datetime) -> None:
        if self.status is not ListingStatus.PENDING:
            self.status, self.submitted_at, self.expires_at = ListingStatus.PENDING, at, None

    def _changed(self, *, at: datetime) -> None:
        self.updated_at = at
        self.version += 1

    def _facts(self) -> dict[str, Any]:
        return {
            "listing_id": self.id,
            "seller_id": self.seller_id,
            "status": self.status,
            "title": self.title,
            "price": self.price,
            "city": self.city,
            "category_id": self.category_id,
            "expires_at": self.expires_at,
            "listing_version": self.version,
        }
