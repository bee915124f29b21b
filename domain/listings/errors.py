"""Why a listing stays as it is."""

from __future__ import annotations

from domain.errors import Conflict, NotFound
from domain.listings.status import ListingStatus


class ListingNotFound(NotFound):
    """No such listing for this caller."""

    def __init__(self) -> None:
        super().__init__("listing")


class ListingAlreadyDecided(Conflict):
    """Another moderator was faster, or the listing left the queue by itself."""

    reason = "LISTING_ALREADY_DECIDED"

    def __init__(self, status: ListingStatus, *, current_version: int) -> None:
        self.status, self.current_version = status, current_version
        super().__init__(f"This listing was already decided: it is {status.value.lower()}.")


class ListingNotUpdatable(Conflict):
    """Its time is over."""

    reason = "LISTING_NOT_UPDATABLE"

    def __init__(self, *, current_version: int) -> None:
        self.current_version = current_version
        super().__init__("An expired listing cannot be changed.")


class OwnListing(Conflict):
    """Nobody judges what is theirs."""

    reason = "OWN_LISTING"

    def __init__(self) -> None:
        super().__init__("You cannot flag your own listing.")


class ListingAlreadyFlagged(Conflict):
    """One flag a person."""

    reason = "LISTING_ALREADY_FLAGGED"

    def __init__(self) -> None:
        super().__init__("You flagged this listing before.")
