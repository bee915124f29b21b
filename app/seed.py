"""Demo data: ten people of every role, thirty categories, three hundred listings, funded wallets, a bit of trade."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Final

from app.config import Settings
from app.demo import PEOPLE, SELLERS, DemoPerson, address_of
from app.demo_goods import CATEGORIES, CITIES, GOODS, Goods, Place
from app.demo_trade import open_trade
from app.wiring import UNLIMITED, Wiring, wired
from domain.catalog.category import Category
from domain.catalog.curation import create_category
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.identity.user import User
from domain.ids import CategoryId, ListingId, SessionId, UserId, new_id
from domain.listings.details import ListingDetails
from domain.listings.moderation import approve_listing, reject_listing
from domain.listings.submission import submit_listing
from domain.money import Asset, Money
from domain.registration import register
from domain.settings.publishing import update_setting
from domain.wallets.adjusting import adjust_wallet

LISTINGS: Final = 300
WAITING: Final = 40
REJECTED: Final = 10
FUNDS: Final = (Money(1_000_000, Asset.KES), Money(250_000_000, Asset.USDT), Money(5_000, Asset.POINTS))
BATCH: Final = 50
REQUEST: Final = "seed"


class SeedRefused(Exception):
    """Demo people have no place among real ones."""

    def __init__(self) -> None:
        super().__init__("Demo data is refused in production.")


async def seed_demo(settings: Settings) -> None:
    """Fill an empty database; one that has demo people stays as it is.

    Raises:
        SeedRefused: this is production.
    """
    if settings.is_production:
        raise SeedRefused
    async with wired(settings, application_name="sokoni seed") as limited:
        wiring = replace(limited, quotas=UNLIMITED)
        if not await _is_seeded(wiring):
            people = {person.label: await _person(wiring, person) for person in PEOPLE}
            categories = await _categories(wiring)
            offered = await _listings(wiring, [people[label] for label in SELLERS], categories)
            await _open_bank(wiring)
            await _decide(wiring, people["moderator"], offered)
            await open_trade(wiring, {label: _acting(user) for label, user in people.items()})


async def _is_seeded(wiring: Wiring) -> bool:
    async with wiring.unit_of_work(Actor.system(), operation="seed", request_id=REQUEST) as uow:
        return await uow.users.find_for_update(address_of(wiring, PEOPLE[-1])) is not None


async def _person(wiring: Wiring, person: DemoPerson) -> User:
    async with wiring.unit_of_work(Actor.system(), operation="seed", request_id=REQUEST) as uow:
        user = await register(uow, address=address_of(wiring, person))
        uow.emit(user.change_profile(display_name=person.name, language="en"))
        for role in person.roles:
            uow.emit(user.grant(role, at=uow.now))
    await _fund(wiring, user)
    return user


async def _fund(wiring: Wiring, user: User) -> None:
    async with wiring.unit_of_work(Actor.system(), operation="seed", request_id=REQUEST) as uow:
        for amount in FUNDS:
            wallet = await uow.wallets.find_of(user.id, amount.asset)
            assert wallet is not None, "registration opened it"
            key = f"demo-{user.id}-{amount.asset.code}"
            await adjust_wallet(uow, wallet_id=wallet.id, amount=amount, reason="Demo funds", key=key)


async def _open_bank(wiring: Wiring) -> None:
    account = json.dumps("Sokoni Demo Bank, account 0100 200 300, Sokoni Ltd")
    async with wiring.unit_of_work(Actor.system(), operation="seed", request_id=REQUEST) as uow:
        await update_setting(uow, key="bank_account_kes", value=account, reason="Demo bank")
    paying = json.dumps("KCBLKENX 0100200300 Sokoni Ltd")
    async with wiring.unit_of_work(Actor.system(), operation="seed", request_id=REQUEST) as uow:
        await update_setting(uow, key="payout_account_kes", value=paying, reason="Demo bank")


async def _categories(wiring: Wiring) -> list[tuple[CategoryId, Goods]]:
    """The tree; each leaf with what is sold in it."""
    leaves: list[tuple[CategoryId, Goods]] = []
    for order, (branch, twigs) in enumerate(CATEGORIES.items()):
        top = await _category(wiring, branch, order)
        for place, twig in enumerate(twigs):
            leaf = await _category(wiring, twig, place, parent_id=top.id)
            leaves.append((leaf.id, GOODS[twig.slug]))
    return leaves


async def _category(wiring: Wiring, place: Place, order: int, parent_id: CategoryId | None = None) -> Category:
    async with wiring.unit_of_work(Actor.system(), operation="seed", request_id=REQUEST) as uow:
        return await create_category(
            uow,
            slug=place.slug,
            name=place.names,
            description={"en": place.names["en"]},
            parent_id=parent_id,
            sort_order=order,
        )


async def _listings(wiring: Wiring, sellers: list[User], leaves: list[tuple[CategoryId, Goods]]) -> list[ListingId]:
    """What the sellers offer; the same in every seeded database but for ids and times."""
    chance = random.Random(2026)
    offered: list[ListingId] = []
    for seller in sellers:
        actor = _acting(seller)
        async with wiring.unit_of_work(actor, operation="seed", request_id=REQUEST) as uow:
            for _ in range(LISTINGS // len(sellers)):
                category, goods = chance.choice(leaves)
                listing = await submit_listing(uow, _details(chance, category, goods))
                offered.append(listing.id)
    return offered


def _details(chance: random.Random, category: CategoryId, goods: Goods) -> ListingDetails:
    what, condition = chance.choice(goods.things), chance.choice(("new", "like new", "used", "well kept"))
    shillings = chance.randint(goods.from_kes, goods.to_kes) // 10 * 10
    return ListingDetails.checked(
        title=f"{what}, {condition}",
        description=f"{what} in {condition} condition. Can be seen any day after work; price is negotiable in person.",
        price=Money(shillings * 100, Asset.KES),
        category_id=category,
        city=chance.choice(CITIES),
    )


async def _decide(wiring: Wiring, moderator: User, offered: list[ListingId]) -> None:
    """Most are published, some refused, and some wait so that there is something to moderate."""
    decided = offered[:-WAITING]
    for start in range(0, len(decided), BATCH):
        async with wiring.unit_of_work(_acting(moderator), operation="seed", request_id=REQUEST) as uow:
            for place, listing_id in enumerate(decided[start : start + BATCH], start):
                if place % (len(decided) // REJECTED) == 0:
                    await reject_listing(uow, listing_id=listing_id, reason="The photo does not show the item.")
                else:
                    await approve_listing(uow, listing_id=listing_id)


def _acting(user: User) -> Actor:
    return Actor.person(UserId(user.id), SessionId(new_id()), frozenset(user.roles) | {Role.CUSTOMER})
