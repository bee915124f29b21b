"""Merchants: businesses are registered and let in; they offer products and fill their stock."""

from __future__ import annotations

import strawberry

from db.engine import Connection as DatabaseConnection
from db.reads.merchants import merchants_by_ids, merchants_of, pending_merchants
from db.reads.products import offered_products, products_by_ids, products_of
from db.reads.uploads import stored_since
from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.ids import IdKind, MerchantId, ProductId, decode_id
from domain.merchants.errors import MerchantNotFound
from domain.merchants.merchant import Merchant as Business
from domain.merchants.onboarding import register_merchant, suspend_merchant, verify_merchant
from domain.products.errors import ProductNotFound
from domain.products.product import Product as Good
from domain.products.stocking import DAY, add_codes, offer_product, put_file, require_puttable, update_product
from domain.uploads import UploadPurpose, checked_upload
from resolvers.context import Info
from schema.access import ANYONE, SIGNED_IN, holders_of
from schema.fields import mutation, query
from schema.merchants import (
    Merchant,
    MerchantRegisterInput,
    MerchantRegisterPayload,
    MerchantSuspendInput,
    MerchantSuspendPayload,
    MerchantVerifyInput,
    MerchantVerifyPayload,
    Product,
    ProductCodesAddInput,
    ProductCodesAddPayload,
    ProductCreateInput,
    ProductCreatePayload,
    ProductFilePutInput,
    ProductFilePutPayload,
    ProductUpdateInput,
    ProductUpdatePayload,
)
from schema.pages import Connection, scope_of
from schema.uploads import file_of


def merchant_id_of(text: str, *, path: tuple[str, ...] = ("merchantId",)) -> MerchantId:
    """Read a merchant's id. Raises InvalidInput."""
    return MerchantId(decode_id(IdKind.MERCHANT, text, path=path))


def product_id_of(text: str, *, path: tuple[str, ...] = ("productId",)) -> ProductId:
    """Read a product's id. Raises InvalidInput."""
    return ProductId(decode_id(IdKind.PRODUCT, text, path=path))


async def own_merchant(info: Info, merchant_id: MerchantId) -> Business:
    """A merchant of the viewer's, or anybody's for those who verify. Raises MerchantNotFound."""
    async with info.context.database.read() as connection:
        return await visible_merchant(connection, merchant_id, info.context.actor)


async def visible_merchant(connection: DatabaseConnection, merchant_id: MerchantId, actor: Actor) -> Business:
    """A merchant of the actor's, or anybody's for those who verify. Raises MerchantNotFound."""
    found = (await merchants_by_ids(connection, [merchant_id])).get(merchant_id)
    if found is None or not (found.owner_id == actor.user or actor.may(Permission.MERCHANT_VERIFY)):
        raise MerchantNotFound
    return found


async def own_product(connection: DatabaseConnection, product_id: ProductId, actor: Actor) -> Good:
    """A product of one of the actor's merchants. Raises ProductNotFound."""
    product = (await products_by_ids(connection, [product_id])).get(product_id)
    own = {merchant.id for merchant in await merchants_of(connection, actor.user_id)}
    if product is None or product.merchant_id not in own:
        raise ProductNotFound
    return product


@strawberry.type
class ViewerMerchants:
    """The viewer's businesses."""

    @query(access=SIGNED_IN)
    async def merchants(self, info: Info) -> list[Merchant]:
        """Your businesses, the oldest first."""
        async with info.context.database.read() as connection:
            return [Merchant.of(found) for found in await merchants_of(connection, info.context.actor.user_id)]


@strawberry.type
class MerchantQuery:
    """What can be asked about merchants and what they sell."""

    @query(access=ANYONE)
    async def merchant(self, info: Info, id: strawberry.ID) -> Merchant:
        """One that sells; one's own, and anybody's for those who verify, whatever its status."""
        merchant_id = merchant_id_of(id, path=("id",))
        async with info.context.database.read() as connection:
            found = (await merchants_by_ids(connection, [merchant_id])).get(merchant_id)
        if found is not None and found.is_open:
            return Merchant.of(found)
        return Merchant.of(await own_merchant(info, merchant_id))

    @query(access=holders_of(Permission.MERCHANT_VERIFY))
    async def merchant_queue(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[Merchant]:
        """Businesses that nobody looked at yet, the one that waits longest first."""
        cursors, scope = info.context.cursors, scope_of("merchantQueue")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await pending_merchants(connection, page=request)
        return Connection.of(page.map(Merchant.of), cursors=cursors, scope=scope, request=request)

    @query(access=ANYONE)
    async def product(self, info: Info, id: strawberry.ID) -> Product:
        """One product, whoever asks; whether it can be ordered its status and its merchant's say."""
        product_id = product_id_of(id, path=("id",))
        async with info.context.database.read() as connection:
            found = (await products_by_ids(connection, [product_id])).get(product_id)
        if found is None:
            raise ProductNotFound
        return Product.of(found)

    @query(access=ANYONE)
    async def products(
        self, info: Info, merchant_id: strawberry.ID | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[Product]:
        """What merchants offer, the newest first; of one of them, or of all. Pages of 1 to 50."""
        merchant = merchant_id_of(merchant_id) if merchant_id else None
        cursors, scope = info.context.cursors, scope_of("products", merchant)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await offered_products(connection, merchant_id=merchant, page=request)
        return Connection.of(page.map(Product.of), cursors=cursors, scope=scope, request=request)

    @query(access=SIGNED_IN)
    async def merchant_products(
        self, info: Info, merchant_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[Product]:
        """Everything of one of your own merchants, paused products too, the newest first."""
        merchant = await own_merchant(info, merchant_id_of(merchant_id))
        cursors, scope = info.context.cursors, scope_of("merchantProducts", merchant.id)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await products_of(connection, merchant.id, page=request)
        return Connection.of(page.map(Product.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class MerchantMutation:
    """How businesses come in, and what they offer."""

    @mutation(access=SIGNED_IN)
    async def merchant_register(self, info: Info, input: MerchantRegisterInput) -> MerchantRegisterPayload:
        """Register a business of yours; it sells once finance has verified it."""
        async with info.context.unit_of_work() as uow:
            merchant = await register_merchant(uow, name=input.name)
        return MerchantRegisterPayload(merchant=Merchant.of(merchant))

    @mutation(access=holders_of(Permission.MERCHANT_VERIFY))
    async def merchant_verify(self, info: Info, input: MerchantVerifyInput) -> MerchantVerifyPayload:
        """Let a business sell, a suspended one again. Its owner becomes a MERCHANT with the next token."""
        async with info.context.unit_of_work() as uow:
            merchant = await verify_merchant(
                uow,
                merchant_id=merchant_id_of(input.merchant_id),
                reason=input.reason,
                fee_basis_points=input.fee_basis_points,
            )
        return MerchantVerifyPayload(merchant=Merchant.of(merchant))

    @mutation(access=holders_of(Permission.MERCHANT_VERIFY))
    async def merchant_suspend(self, info: Info, input: MerchantSuspendInput) -> MerchantSuspendPayload:
        """Let a business sell no more, from this commit on. What it is owed stays owed."""
        async with info.context.unit_of_work() as uow:
            merchant = await suspend_merchant(uow, merchant_id=merchant_id_of(input.merchant_id), reason=input.reason)
        return MerchantSuspendPayload(merchant=Merchant.of(merchant))

    @mutation(access=SIGNED_IN)
    async def product_create(self, info: Info, input: ProductCreateInput) -> ProductCreatePayload:
        """Offer something new; it can be ordered once there are codes, or its file."""
        price = input.price.parse(path=("price",))
        async with info.context.unit_of_work() as uow:
            product = await offer_product(
                uow,
                merchant_id=merchant_id_of(input.merchant_id),
                title=input.title,
                description=input.description,
                price=price,
                delivery=input.delivery,
            )
        return ProductCreatePayload(product=Product.of(product))

    @mutation(access=SIGNED_IN)
    async def product_update(self, info: Info, input: ProductUpdateInput) -> ProductUpdatePayload:
        """Give a product another price, pause it, or offer it again."""
        async with info.context.unit_of_work() as uow:
            product = await update_product(
                uow,
                product_id=product_id_of(input.product_id),
                price=input.price.parse(path=("price",)) if input.price else None,
                status=input.status,
                expected_version=input.expected_version,
            )
        return ProductUpdatePayload(product=Product.of(product))

    @mutation(access=SIGNED_IN)
    async def product_codes_add(self, info: Info, input: ProductCodesAddInput) -> ProductCodesAddPayload:
        """Fill the stock; the codes are kept sealed and shown to nobody but who buys them."""
        product_id = product_id_of(input.product_id)
        async with info.context.unit_of_work() as uow:
            product = await add_codes(uow, info.context.gateways, product_id=product_id, codes=input.codes)
        return ProductCodesAddPayload(product=Product.of(product))

    @mutation(access=SIGNED_IN)
    async def product_file_put(self, info: Info, input: ProductFilePutInput) -> ProductFilePutPayload:
        """Give a product its file, or another one: who orders from now on gets it, who bought before keeps theirs."""
        context, product_id = info.context, product_id_of(input.product_id)
        actor, now = context.actor, context.clock.now()
        async with context.database.read() as connection:
            product = await own_product(connection, product_id, actor)
            put = await stored_since(connection, actor.user_id, now - DAY, purpose=UploadPurpose.PRODUCT_FILE)
        require_puttable(product, put=put)
        file = file_of(input.file)
        content = await file.read()
        upload = checked_upload(
            content,
            content_type=file.content_type,
            purpose=UploadPurpose.PRODUCT_FILE,
            owner_id=actor.user_id,
            at=now,
        )
        # Stored before the command and outside of it; a file that no command refers to is no harm.
        await context.storage.put(upload.key, content, content_type=upload.content_type)
        async with context.unit_of_work() as uow:
            product = await put_file(uow, product_id=product_id, file=upload)
        return ProductFilePutPayload(product=Product.of(product))
