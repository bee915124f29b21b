"""Merchants and their products as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry
from strawberry.file_uploads import Upload as FileUpload

from domain.ids import MerchantId, ProductId, UserId
from domain.merchants.merchant import Merchant as Business
from domain.merchants.merchant import MerchantStatus
from domain.products.product import Product as Good
from domain.products.product import ProductDelivery, ProductStatus
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.identity import User
from schema.money import Money, MoneyInput
from schema.node import Node

strawberry.enum(MerchantStatus, description="Whether a merchant may sell.")
strawberry.enum(ProductDelivery, description="What a customer of a product gets; more may come.")
strawberry.enum(ProductStatus, description="Whether a product is offered.")


@strawberry.type
class Merchant(Node):
    """A business that sells through the market."""

    owner_key: strawberry.Private[UserId]
    key: strawberry.Private[MerchantId]

    owner: User = edge(key="owner_key", loader="user")
    """Whose it is."""
    name: str
    """As customers read it."""
    status: MerchantStatus
    """Whether it may sell."""
    registered_at: datetime
    """Since when."""
    version: int
    """Counts its changes."""

    @classmethod
    def of(cls, merchant: Business) -> Self:
        """From a merchant of the domain."""
        return cls(
            id=strawberry.ID(merchant.label),
            owner_key=merchant.owner_id,
            key=merchant.id,
            name=merchant.name,
            status=merchant.status,
            registered_at=merchant.registered_at,
            version=merchant.version,
        )

    @query(access=SIGNED_IN)
    async def payable(self, info: Info) -> Money | None:
        """What the market owes it until it is settled; null unless it is yours, or you read the books."""
        found: Money | None = await info.context.loaders.payable(self.key, self.owner_key, info.context.actor)
        return found


@strawberry.type
class Product(Node):
    """A digital good."""

    merchant_key: strawberry.Private[MerchantId]
    stock_key: strawberry.Private[ProductId | None]

    merchant: Merchant = edge(key="merchant_key", loader="merchant")
    """Who sells it."""
    title: str
    """What it is."""
    description: str
    """What it does."""
    price: Money
    """What one costs."""
    status: ProductStatus
    """Whether it is offered."""
    delivery: ProductDelivery
    """What a customer gets."""
    stock: int | None = edge(key="stock_key", loader="stock")
    """How many codes are left; null for a file, which never runs out."""
    version: int
    """Send it back as expectedVersion."""

    @classmethod
    def of(cls, product: Good) -> Self:
        """From a product of the domain."""
        return cls(
            id=strawberry.ID(product.label),
            merchant_key=product.merchant_id,
            stock_key=product.id if product.delivery is ProductDelivery.CODE else None,
            title=product.title,
            description=product.description,
            price=Money.of(product.price),
            delivery=product.delivery,
            status=product.status,
            version=product.version,
        )


@strawberry.input
class MerchantRegisterInput:
    """Your business."""

    name: str
    """As customers will read it, 2 to 80 characters."""


@strawberry.type
class MerchantRegisterPayload(Payload):
    """The business, which waits for finance."""

    merchant: Merchant | None = None
    """Null when it was refused."""


@strawberry.input
class MerchantVerifyInput:
    """Which business may sell."""

    merchant_id: strawberry.ID
    """Somebody else's."""
    reason: str
    """For the audit trail, 3 to 500 characters."""
    fee_basis_points: int | None = None
    """The market's share of its orders, in hundredths of a percent; left out it is the general one."""


@strawberry.type
class MerchantVerifyPayload(Payload):
    """The business, which may sell."""

    merchant: Merchant | None = None
    """Null when it was refused."""


@strawberry.input
class MerchantSuspendInput:
    """Which business may sell no more."""

    merchant_id: strawberry.ID
    """Anybody's."""
    reason: str
    """For its owner and the audit trail, 3 to 500 characters."""


@strawberry.type
class MerchantSuspendPayload(Payload):
    """The business, which may sell no more."""

    merchant: Merchant | None = None
    """Null when it was refused."""


@strawberry.input
class ProductCreateInput:
    """What a merchant offers."""

    merchant_id: strawberry.ID
    """Your own, verified."""
    title: str
    """3 to 120 characters."""
    description: str = ""
    """At most 5000 characters."""
    price: MoneyInput
    """Above zero; customers pay in this asset."""
    delivery: ProductDelivery = ProductDelivery.CODE
    """What customers get; it stays so."""


@strawberry.type
class ProductCreatePayload(Payload):
    """The product, which has no codes and no file yet."""

    product: Product | None = None
    """Null when it was refused."""


@strawberry.input
class ProductUpdateInput:
    """What changes; what is left out stays."""

    product_id: strawberry.ID
    """Your own."""
    price: MoneyInput | None = None
    """Another price, from the next order on."""
    status: ProductStatus | None = None
    """Pause it, or offer it again."""
    expected_version: int | None = None
    """Refuses when it was changed since this version was read."""


@strawberry.type
class ProductUpdatePayload(Payload):
    """The changed product."""

    product: Product | None = None
    """Null when it was refused."""


@strawberry.input
class ProductCodesAddInput:
    """Goods for the stock."""

    product_id: strawberry.ID
    """Your own."""
    codes: list[str]
    """1 to 100, each of 1 to 200 characters and never added before; all are taken in, or none."""


@strawberry.type
class ProductCodesAddPayload(Payload):
    """The product with its stock."""

    product: Product | None = None
    """Null when it was refused."""


@strawberry.input
class ProductFilePutInput:
    """What customers get from now on."""

    product_id: strawberry.ID
    """Your own, delivered as a file."""
    file: FileUpload
    """A PDF, EPUB, ZIP, PNG, JPEG, MP3 or MP4 of at most 10 MiB, judged by its bytes."""


@strawberry.type
class ProductFilePutPayload(Payload):
    """The product, which can be ordered."""

    product: Product | None = None
    """Null when it was refused."""
