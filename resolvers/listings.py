"""Classified ads: the market, the moderators' queue, and what sellers, moderators and people who see them do."""

from __future__ import annotations

import strawberry

from db.reads.listings import queue_page, seller_page
from db.reads.market import listing_rows, market_rows
from domain.identity.roles import Permission
from domain.ids import CategoryId, IdKind, ListingId, decode_id
from domain.listings.errors import ListingNotFound
from domain.listings.moderation import approve_listing, reject_listing
from domain.listings.reporting import flag_listing
from domain.listings.search import ListingFilter, ListingSort
from domain.listings.shown import is_visible
from domain.listings.status import ListingStatus
from domain.listings.submission import delete_listing, submit_listing, update_listing
from resolvers.context import Info
from schema.access import ANYONE, SIGNED_IN, holders_of
from schema.fields import mutation, query
from schema.listings import (
    Listing,
    ListingApproveInput,
    ListingApprovePayload,
    ListingCreateInput,
    ListingCreatePayload,
    ListingDeleteInput,
    ListingDeletePayload,
    ListingFilterInput,
    ListingFlagInput,
    ListingFlagPayload,
    ListingRejectInput,
    ListingRejectPayload,
    ListingUpdateInput,
    ListingUpdatePayload,
)
from schema.pages import Connection, scope_of
from schema.traits import Traits


def listing_id_of(text: str, *, path: tuple[str, ...] = ("listingId",)) -> ListingId:
    """Read a listing's id.

    Raises:
        InvalidInput: it is no listing's id.
    """
    return ListingId(decode_id(IdKind.LISTING, text, path=path))


async def visible_listing(info: Info, listing_id: ListingId) -> Listing | None:
    """The listing, if there is one that the actor may see."""
    found = (await listing_rows(info.context.database.reads, [listing_id])).get(listing_id)
    if found is None or not is_visible(found, info.context.actor):
        return None
    info.context.loaders.know_people(((found.seller_id, found),))
    return Listing.of(found)


@strawberry.type
class ListingQuery:
    """What can be asked of the market."""

    @query(access=ANYONE)
    async def listing(self, info: Info, id: strawberry.ID) -> Listing:
        """One listing. Everybody sees it while it is ACTIVE; its seller and moderators always."""
        found = await visible_listing(info, listing_id_of(id, path=("id",)))
        if found is None:
            raise ListingNotFound
        return found

    @query(access=ANYONE, traits=Traits(same_for_all=True))
    async def listings(
        self,
        info: Info,
        filter: ListingFilterInput | None = None,
        sort: ListingSort = ListingSort.NEWEST,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Listing]:
        """The market: what is ACTIVE. Pages of 1 to 50, 20 when nothing is said."""
        wanted = filter.parse() if filter else ListingFilter()
        cursors, scope = info.context.cursors, scope_of("listings", wanted, sort)
        request = cursors.request(scope, first=first, after=after)
        page = await market_rows(info.context.database.reads, wanted=wanted, sort=sort, page=request)
        info.context.loaders.know_people((row.seller_id, row) for row in page.items)
        return Connection.of(page.map(Listing.of), cursors=cursors, scope=scope, request=request)

    @query(access=holders_of(Permission.LISTING_MODERATE))
    async def moderation_queue(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Listing]:
        """What waits for a moderator: the riskiest first, among equals the one that waits longest."""
        cursors, scope = info.context.cursors, scope_of("moderationQueue")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await queue_page(connection, page=request)
        return Connection.of(page.map(Listing.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class ViewerListings:
    """What the viewer offers."""

    @query(access=SIGNED_IN)
    async def listings(
        self,
        info: Info,
        statuses: list[ListingStatus] | None = None,
        first: int | None = None,
        after: str | None = None,
    ) -> Connection[Listing]:
        """Your own listings, the newest first; the deleted ones only when `statuses` names them."""
        chosen = frozenset(statuses or set(ListingStatus) - {ListingStatus.DELETED})
        seller = info.context.actor.user_id
        cursors, scope = info.context.cursors, scope_of("viewer.listings", seller, tuple(sorted(chosen)))
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await seller_page(connection, seller_id=seller, statuses=chosen, page=request)
        return Connection.of(page.map(Listing.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class ListingMutation:
    """What is done with listings."""

    @mutation(access=SIGNED_IN)
    async def listing_create(self, info: Info, input: ListingCreateInput) -> ListingCreatePayload:
        """Offer something; it waits for a moderator. At most 10 a day."""
        details = input.parse()
        async with info.context.unit_of_work() as uow:
            listing = await submit_listing(uow, details)
        return ListingCreatePayload(listing=Listing.of(listing))

    @mutation(access=SIGNED_IN)
    async def listing_update(self, info: Info, input: ListingUpdateInput) -> ListingUpdatePayload:
        """Change your own listing; it waits for a moderator again and is off the market until then."""
        category_id = input.category_id
        async with info.context.unit_of_work() as uow:
            listing = await update_listing(
                uow,
                listing_id=listing_id_of(input.listing_id),
                title=input.title,
                description=input.description,
                price=input.price.parse(path=("price",)) if input.price else None,
                category_id=CategoryId(decode_id(IdKind.CATEGORY, category_id, path=("categoryId",)))
                if category_id
                else None,
                city=input.city,
                expected_version=input.expected_version,
            )
        return ListingUpdatePayload(listing=Listing.of(listing))

    @mutation(access=SIGNED_IN)
    async def listing_delete(self, info: Info, input: ListingDeleteInput) -> ListingDeletePayload:
        """Take your own listing back; only you and moderators find it afterwards."""
        async with info.context.unit_of_work() as uow:
            listing = await delete_listing(
                uow, listing_id=listing_id_of(input.listing_id), expected_version=input.expected_version
            )
        return ListingDeletePayload(listing=Listing.of(listing))

    @mutation(access=holders_of(Permission.LISTING_MODERATE))
    async def listing_approve(self, info: Info, input: ListingApproveInput) -> ListingApprovePayload:
        """Publish a waiting listing for 30 days. The seller is told and live feeds update."""
        async with info.context.unit_of_work() as uow:
            listing = await approve_listing(
                uow,
                listing_id=listing_id_of(input.listing_id),
                note=input.note,
                expected_version=input.expected_version,
            )
        return ListingApprovePayload(listing=Listing.of(listing))

    @mutation(access=holders_of(Permission.LISTING_MODERATE))
    async def listing_reject(self, info: Info, input: ListingRejectInput) -> ListingRejectPayload:
        """Refuse a waiting listing. The seller is told why and may change it."""
        async with info.context.unit_of_work() as uow:
            listing = await reject_listing(
                uow,
                listing_id=listing_id_of(input.listing_id),
                reason=input.reason,
                expected_version=input.expected_version,
            )
        return ListingRejectPayload(listing=Listing.of(listing))

    @mutation(access=SIGNED_IN)
    async def listing_flag(self, info: Info, input: ListingFlagInput) -> ListingFlagPayload:
        """Tell the moderators what is wrong with somebody else's listing; the third flag takes it off the market."""
        async with info.context.unit_of_work() as uow:
            listing = await flag_listing(
                uow, listing_id=listing_id_of(input.listing_id), reason=input.reason, note=input.note
            )
        is_visible = listing.is_visible_to(info.context.actor)
        return ListingFlagPayload(listing=Listing.of(listing) if is_visible else None)
