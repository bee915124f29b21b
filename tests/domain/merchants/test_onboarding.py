"""Businesses are let in by somebody else than their owner, and their stock is theirs alone to fill."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import func, select

from db.reads.products import stock_of
from db.tables.identity import users
from db.tables.merchants import merchants
from db.tables.products import product_codes
from domain.errors import InvalidInput, VersionConflict
from domain.gateways import Gateways
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.merchants.errors import MerchantNotFound, MerchantNotOpen, MerchantStays, TooManyMerchants
from domain.merchants.merchant import MerchantStatus
from domain.merchants.onboarding import register_merchant, suspend_merchant, verify_merchant
from domain.products.errors import CodeAlreadyAdded, ProductNotFound
from domain.products.stocking import add_codes, offer_product, update_product
from tests.commands import Commands
from tests.makers.orders import make_merchant, make_product
from tests.makers.wallets import make_holder, points

PRICE = points(300)


async def test_a_business_is_registered_verified_suspended_and_let_in_again(commands: Commands) -> None:
    owner = await make_holder(commands)
    merchant = await make_merchant(commands, owner)
    assert merchant.status is MerchantStatus.VERIFIED
    async with commands.database.read() as connection:
        [roles] = await connection.scalars(select(users.c.roles).where(users.c.id == owner.user_id))
    assert Role.MERCHANT in roles

    async with commands.by_system() as uow:
        suspended = await suspend_merchant(uow, merchant_id=merchant.id, reason="Complaints")
    assert (suspended.status, suspended.suspended_reason) == (MerchantStatus.SUSPENDED, "Complaints")
    with pytest.raises(MerchantStays):
        async with commands.by_system() as uow:
            await suspend_merchant(uow, merchant_id=merchant.id, reason="Complaints")
    async with commands.by_system() as uow:
        again = await verify_merchant(uow, merchant_id=merchant.id, reason="Settled")
    assert (again.status, again.suspended_reason) == (MerchantStatus.VERIFIED, None)


async def test_nobody_verifies_a_business_of_their_own(commands: Commands) -> None:
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    async with commands.by(clerk) as uow:
        merchant = await register_merchant(uow, name="Clerk and Sons")

    with pytest.raises(OwnAccount):
        async with commands.by(clerk) as uow:
            await verify_merchant(uow, merchant_id=merchant.id, reason="Papers seen")

    async with commands.database.read() as connection:
        assert await connection.scalar(select(merchants.c.status)) is MerchantStatus.PENDING


async def test_a_person_has_five_at_most(commands: Commands) -> None:
    owner = await make_holder(commands)
    for number in range(5):
        async with commands.by(owner) as uow:
            await register_merchant(uow, name=f"Shop {number}")

    with pytest.raises(TooManyMerchants):
        async with commands.by(owner) as uow:
            await register_merchant(uow, name="Shop 5")

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(merchants)) == 5


async def test_of_many_registrations_at_once_five_are_taken(commands: Commands) -> None:
    owner = await make_holder(commands)

    async def once() -> None:
        async with commands.by(owner) as uow:
            await register_merchant(uow, name="Duka")

    for _ in range(3):
        await once()
    await asyncio.gather(*(once() for _ in range(6)), return_exceptions=True)

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(merchants)) == 5


async def test_only_its_owner_offers_and_only_while_it_sells(commands: Commands, gateways: Gateways) -> None:
    owner, stranger = await make_holder(commands), await make_holder(commands)
    merchant = await make_merchant(commands, owner)
    product = await make_product(commands, gateways, owner, merchant, PRICE)

    with pytest.raises(MerchantNotFound):
        async with commands.by(stranger) as uow:
            await offer_product(uow, merchant_id=merchant.id, title="Mine", description="", price=PRICE)
    with pytest.raises(ProductNotFound):
        async with commands.by(stranger) as uow:
            await add_codes(uow, gateways, product_id=product.id, codes=["FREE"])
    with pytest.raises(ProductNotFound):
        async with commands.by(stranger) as uow:
            await update_product(uow, product_id=product.id, price=points(1))
    async with commands.by_system() as uow:
        await suspend_merchant(uow, merchant_id=merchant.id, reason="Complaints")
    with pytest.raises(MerchantNotOpen):
        async with commands.by(owner) as uow:
            await offer_product(uow, merchant_id=merchant.id, title="More", description="", price=PRICE)


async def test_codes_are_taken_in_once_all_or_none_and_kept_sealed(commands: Commands, gateways: Gateways) -> None:
    owner = await make_holder(commands)
    merchant = await make_merchant(commands, owner)
    product, other = [await make_product(commands, gateways, owner, merchant, PRICE, stock=0) for _ in range(2)]

    async with commands.by(owner) as uow:
        await add_codes(uow, gateways, product_id=product.id, codes=["AB-1", "AB-2"])
    async with commands.database.read() as connection:
        assert await stock_of(connection, [product.id]) == {product.id: 2}
    for codes, refusal in (
        (["AB-3", "AB-2"], CodeAlreadyAdded),
        (["AB-4", " AB-4 "], InvalidInput),
        ([], InvalidInput),
        (["x"] * 101, InvalidInput),
        ([""], InvalidInput),
        (["x" * 201], InvalidInput),
    ):
        with pytest.raises(refusal):
            async with commands.by(owner) as uow:
                await add_codes(uow, gateways, product_id=product.id, codes=codes)
    async with commands.by(owner) as uow:
        await add_codes(uow, gateways, product_id=other.id, codes=["AB-1"])

    async with commands.database.read() as connection:
        kept = list(await connection.scalars(select(product_codes.c.sealed_code)))
    assert len(kept) == 3
    assert not any(b"AB-" in sealed for sealed in kept)
    assert "AB-" not in str(await commands.trail())


async def test_a_change_that_somebody_else_made_is_noticed(commands: Commands, gateways: Gateways) -> None:
    owner = await make_holder(commands)
    merchant = await make_merchant(commands, owner)
    product = await make_product(commands, gateways, owner, merchant, PRICE)
    async with commands.by(owner) as uow:
        changed = await update_product(uow, product_id=product.id, price=points(250), expected_version=0)
    assert (changed.price, changed.version) == (points(250), 1)

    with pytest.raises(VersionConflict):
        async with commands.by(owner) as uow:
            await update_product(uow, product_id=product.id, price=points(200), expected_version=0)
    with pytest.raises(InvalidInput):
        async with commands.by(owner) as uow:
            await update_product(uow, product_id=product.id)
