"""A product: a digital good that is delivered as a code out of a stock, or as a file that never runs out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Self

from domain.errors import FieldFault, InvalidInput, VersionConflict
from domain.ids import IdKind, MerchantId, OrderId, ProductCodeId, ProductId, UploadId, encode_id
from domain.ledger.transfer import require_movable
from domain.money import Money
from domain.products.errors import NotDeliveredSo, ProductNotOffered
from domain.text import line, prose

TITLE_MIN: Final = 3
TITLE_MAX: Final = 120
DESCRIPTION_MAX: Final = 5_000


class ProductStatus(StrEnum):
    """Whether a product is offered."""

    OFFERED = "OFFERED"
    """Customers can order it while there are codes."""
    PAUSED = "PAUSED"
    """Its merchant offers it no more, or not now."""


class ProductDelivery(StrEnum):
    """What a customer gets."""

    CODE = "CODE"
    """A code out of the stock, which nobody else gets."""
    FILE = "FILE"
    """A link to a file, which everybody gets who buys it."""


@dataclass(eq=False, kw_only=True)
class Product:
    """What a merchant sells for a price in one asset. `file_id` is what those who order from now on get, if a file."""

    id: ProductId
    merchant_id: MerchantId
    title: str
    description: str
    price: Money
    delivery: ProductDelivery = ProductDelivery.CODE
    file_id: UploadId | None = None
    status: ProductStatus = ProductStatus.OFFERED
    created_at: datetime
    updated_at: datetime
    version: int = 0

    @classmethod
    def offer(
        cls,
        *,
        product_id: ProductId,
        merchant_id: MerchantId,
        title: str,
        description: str,
        price: Money,
        delivery: ProductDelivery,
        at: datetime,
    ) -> Self:
        """Something new. Raises InvalidInput."""
        return cls(
            id=product_id,
            merchant_id=merchant_id,
            title=line(title, path=("title",), shortest=TITLE_MIN, longest=TITLE_MAX),
            description=prose(description, path=("description",), longest=DESCRIPTION_MAX),
            price=require_movable(price, path=("price", "amount")),
            delivery=delivery,
            created_at=at,
            updated_at=at,
        )

    def change(
        self, *, price: Money | None, status: ProductStatus | None, expected_version: int | None, at: datetime
    ) -> None:
        """Give it another price, pause it, or offer it again. What was ordered keeps its price.

        Raises:
            VersionConflict: it was changed since the caller read it.
            InvalidInput: nothing is to change, or no price.
        """
        if price is None and status is None:
            raise InvalidInput(FieldFault((), "changes nothing: give at least one field"))
        if expected_version not in (None, self.version):
            raise VersionConflict(self.version)
        if price is not None:
            self.price = require_movable(price, path=("price", "amount"))
        self.status = status or self.status
        self.updated_at = at
        self.version += 1

    def put_file(self, file_id: UploadId, *, at: datetime) -> None:
        """Those who order from now on get this file; who bought before keeps theirs. Raises NotDeliveredSo."""
        self.require_delivery(ProductDelivery.FILE)
        self.file_id, self.updated_at = file_id, at
        self.version += 1

    def require_delivery(self, delivery: ProductDelivery) -> None:
        """Raises NotDeliveredSo when it is delivered otherwise."""
        if self.delivery is not delivery:
            raise NotDeliveredSo(self.delivery)

    def require_offered(self) -> None:
        """Raises ProductNotOffered while it is paused."""
        if self.status is not ProductStatus.OFFERED:
            raise ProductNotOffered

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.PRODUCT, self.id)


@dataclass(eq=False, kw_only=True)
class ProductCode:
    """One good of the stock, sealed; it belongs to one order, or to none yet."""

    id: ProductCodeId
    product_id: ProductId
    sealed_code: bytes
    digest: bytes
    order_id: OrderId | None = None
    added_at: datetime
