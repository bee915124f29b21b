"""Categories and listings that tests start from."""

from __future__ import annotations

from domain.catalog.category import Category
from domain.catalog.curation import create_category
from domain.identity.actor import Actor
from domain.ids import CategoryId
from domain.listings.details import ListingDetails
from domain.listings.listing import Listing
from domain.listings.moderation import approve_listing
from domain.listings.submission import submit_listing
from domain.money import Asset, Money
from tests.commands import Commands


async def make_category(
    commands: Commands, slug: str = "bicycles", *, parent: Category | None = None, sort_order: int = 0
) -> Category:
    """An open category."""
    async with commands.by_system() as uow:
        return await create_category(
            uow,
            slug=slug,
            name={"en": slug.title()},
            description={},
            parent_id=parent.id if parent else None,
            sort_order=sort_order,
        )


def details(
    category_id: CategoryId,
    *,
    title: str = "Mountain bike",
    description: str = "Ridden twice.",
    price: Money = Money(1_250_000, Asset.KES),  # noqa: B008  # a frozen value
    city: str = "Nairobi",
) -> ListingDetails:
    """What a seller writes."""
    return ListingDetails.checked(title=title, description=description, price=price, category_id=category_id, city=city)


async def make_waiting_listing(commands: Commands, seller: Actor, wanted: ListingDetails) -> Listing:
    """A listing in the moderators' queue."""
    async with commands.by(seller) as uow:
        return await submit_listing(uow, wanted)


async def make_listing(commands: Commands, seller: Actor, wanted: ListingDetails) -> Listing:
    """A listing in the market."""
    listing = await make_waiting_listing(commands, seller, wanted)
    async with commands.by_system() as uow:
        return await approve_listing(uow, listing_id=listing.id)
