"""Listings, live: one of them, or what comes into the market and leaves it."""

from __future__ import annotations

from collections.abc import AsyncIterable
from typing import Final

import strawberry

from db.engine import Connection
from db.reads.catalog import category_ids_at_and_below
from db.reads.listings import listings_by_ids, market_page
from domain.catalog.errors import CategoryNotFound
from domain.errors import FieldFault, InvalidInput
from domain.identity.actor import Actor
from domain.ids import CategoryId, ListingId
from domain.listings import listing as domain
from domain.listings.errors import ListingNotFound
from domain.listings.events import ListingFacts
from domain.listings.publicity import PublicChange, hears_everything, is_public_change, public_change
from domain.listings.search import ListingFilter, ListingSort
from domain.page import PAGE_SIZE_MAX, PageRequest
from domain.plain import from_plain
from realtime.channels import feed_channel, listing_channel
from realtime.envelope import Envelope
from resolvers.context import ApiContext, Info
from resolvers.listings import listing_id_of
from resolvers.streams import live_source
from schema.access import ANYONE
from schema.fields import subscription
from schema.listing_events import (
    ListingFeedInput,
    ListingFeedSnapshot,
    ListingSnapshot,
    ListingStreamItem,
    ListingUpdated,
)
from schema.listings import Listing
from schema.scalars import StreamCursor
from schema.streams import EventHead

# What an event says of a listing depends on nothing else of who hears it.
EVERYTHING, EVERYBODY = "everything", "everybody"
NEWEST: Final = PageRequest(first=PAGE_SIZE_MAX)
Items = AsyncIterable[ListingStreamItem]


@strawberry.type
class ListingSubscription:
    """What is told live about listings."""

    @subscription(access=ANYONE)
    async def listing_events(
        self,
        info: Info,
        listing_id: strawberry.ID | None = None,
        filter: ListingFeedInput | None = None,
        after: StreamCursor | None = None,
        snapshot: bool = True,
    ) -> AsyncIterable[ListingStreamItem]:
        """One listing that you may see, or the market: all of it, a city, a category. The present state comes first
        unless you resume. The seller of a listing and moderators hear all that happens to it, others when it comes
        and goes.
        """
        if listing_id is not None and filter is not None:
            raise InvalidInput(FieldFault(("filter",), "cannot be combined with listingId"))
        if listing_id is not None:
            return await one_listing(info.context, listing_id_of(listing_id), after=after, snapshot=snapshot)
        wanted = filter.parse() if filter else ListingFilter()
        return await feed(info.context, wanted, after=after, snapshot=snapshot)


async def one_listing(
    context: ApiContext, listing_id: ListingId, *, after: StreamCursor | None, snapshot: bool
) -> Items:
    """What happens to one listing.

    Raises:
        ListingNotFound: there is none that the actor may see.
    """
    actor, table = context.actor, context.live.table

    async def read(connection: Connection) -> domain.Listing:
        return await visible(connection, listing_id, actor)

    async with context.database.read() as connection:
        hears_all = hears_everything(actor, seller_id=(await read(connection)).seller_id)

    def fact(envelope: Envelope) -> ListingFacts:
        event = table.fact(envelope)
        assert isinstance(event, ListingFacts), "only listings' events go there"
        return event

    def tell(envelope: Envelope, head: EventHead) -> ListingUpdated:
        event = fact(envelope)
        if hears_all:
            return ListingUpdated.whole(event, head)
        change = public_change(event)
        assert change is not None, "nothing else is wanted"
        return ListingUpdated.public(change, head)

    return live_source(
        context,
        listing_channel(listing_id),
        viewer=EVERYTHING if hears_all else EVERYBODY,
        after=after,
        snapshot=read if snapshot else None,
        show=lambda listing, place: ListingSnapshot(listing=Listing.of(listing), **place),
        tell=tell,
        is_wanted=lambda envelope: hears_all or is_public_change(fact(envelope)),
    )


async def feed(context: ApiContext, wanted: ListingFilter, *, after: StreamCursor | None, snapshot: bool) -> Items:
    """What comes into a part of the market and leaves it.

    Raises:
        CategoryNotFound: there is no such category.
    """
    category_ids = await subtree(context, wanted.category_id)

    async def read(connection: Connection) -> list[domain.Listing]:
        return list((await market_page(connection, wanted=wanted, sort=ListingSort.NEWEST, page=NEWEST)).items)

    def change(envelope: Envelope) -> PublicChange:
        told: PublicChange = from_plain(PublicChange, envelope.body)
        return told

    return live_source(
        context,
        feed_channel(wanted.city),
        viewer=category_ids,
        after=after,
        snapshot=read if snapshot else None,
        show=lambda listings, place: ListingFeedSnapshot(listings=list(map(Listing.of, listings)), **place),
        tell=lambda envelope, head: ListingUpdated.public(change(envelope), head),
        is_wanted=lambda envelope: category_ids is None or change(envelope).category_id in category_ids,
    )


async def visible(connection: Connection, listing_id: ListingId, actor: Actor) -> domain.Listing:
    """The listing. Raises ListingNotFound when there is none that the actor may see."""
    listing = (await listings_by_ids(connection, [listing_id])).get(listing_id)
    if listing is None or not listing.is_visible_to(actor):
        raise ListingNotFound
    return listing


async def subtree(context: ApiContext, category_id: CategoryId | None) -> frozenset[CategoryId] | None:
    """A category and those below it; None where no category is asked for."""
    if category_id is None:
        return None
    async with context.database.read() as connection:
        found = await category_ids_at_and_below(connection, category_id)
    if not found:
        raise CategoryNotFound
    return found
