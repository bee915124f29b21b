"""Stocking: merchants offer products, fill their stock with codes, and give them their file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from domain.errors import FieldFault, InvalidInput, QuotaExceeded
from domain.gateways import Gateways
from domain.ids import MerchantId, ProductCodeId, ProductId, new_id
from domain.merchants.errors import MerchantNotFound
from domain.merchants.merchant import Merchant
from domain.money import Money
from domain.products.errors import ProductNotFound
from domain.products.product import Product, ProductCode, ProductDelivery, ProductStatus
from domain.text import line
from domain.unit_of_work import UnitOfWork
from domain.uploads import Upload, UploadPurpose

CODES_MAX: Final = 100
CODE_LENGTH_MAX: Final = 200
FILES_PER_DAY: Final = 20
DAY: Final = timedelta(days=1)


async def offer_product(
    uow: UnitOfWork,
    *,
    merchant_id: MerchantId,
    title: str,
    description: str,
    price: Money,
    delivery: ProductDelivery = ProductDelivery.CODE,
) -> Product:
    """Offer something new; it can be ordered once there are codes, or its file.

    Raises:
        MerchantNotFound: no such merchant of the actor.
        MerchantNotOpen: it does not sell.
        InvalidInput: a field is faulty.
    """
    merchant = await uow.merchants.get(merchant_id)
    _require_owner(uow, merchant)
    merchant.require_open()
    product = Product.offer(
        product_id=ProductId(new_id()),
        merchant_id=merchant.id,
        title=title,
        description=description,
        price=price,
        delivery=delivery,
        at=uow.now,
    )
    await uow.products.add(product)
    return product


async def update_product(
    uow: UnitOfWork,
    *,
    product_id: ProductId,
    price: Money | None = None,
    status: ProductStatus | None = None,
    expected_version: int | None = None,
) -> Product:
    """Change what one offers; what is None stays.

    Raises:
        ProductNotFound: no such product of the actor.
        VersionConflict, InvalidInput: as for `Product.change`.
    """
    product = await _own_product(uow, product_id)
    product.change(price=price, status=status, expected_version=expected_version, at=uow.now)
    return product


async def add_codes(uow: UnitOfWork, gateways: Gateways, *, product_id: ProductId, codes: Sequence[str]) -> Product:
    """Take 1 to 100 codes into the stock; all of them or none.

    Raises:
        ProductNotFound: no such product of the actor.
        NotDeliveredSo: it is delivered as a file.
        InvalidInput: none, too many, one twice, or one that is empty or too long.
        CodeAlreadyAdded: one of them was added before.
    """
    if not 0 < len(codes) <= CODES_MAX:
        raise InvalidInput(FieldFault(("codes",), f"must be 1 to {CODES_MAX}"))
    clean = [line(code, path=("codes",), shortest=1, longest=CODE_LENGTH_MAX) for code in codes]
    if len(set(clean)) != len(clean):
        raise InvalidInput(FieldFault(("codes",), "must differ from each other"))
    product = await _own_product(uow, product_id)
    product.require_delivery(ProductDelivery.CODE)
    await uow.products.add_codes([_sealed(uow, gateways, product, code) for code in clean])
    return product


async def put_file(uow: UnitOfWork, *, product_id: ProductId, file: Upload) -> Product:
    """Those who order from now on get this file, which is stored already; who bought before keeps theirs.

    Raises:
        ProductNotFound: no such product of the actor.
        NotDeliveredSo: it is delivered as codes.
        QuotaExceeded: the actor put twenty within a day.
    """
    product = await _own_product(uow, product_id)
    put = await uow.uploads.stored_since(uow.actor.user_id, uow.now - DAY, purpose=UploadPurpose.PRODUCT_FILE)
    require_puttable(product, put=put)
    await uow.uploads.add(file)
    product.put_file(file.id, at=uow.now)
    return product


def require_puttable(product: Product, *, put: int) -> None:
    """Refuse a file that would be kept for nothing; asked before it is stored as well. `put` is how many files its
    merchant's owner put within a day.

    Raises:
        NotDeliveredSo, QuotaExceeded: as for `put_file`.
    """
    product.require_delivery(ProductDelivery.FILE)
    if put >= FILES_PER_DAY:
        message = f"A person puts at most {FILES_PER_DAY} files a day."
        raise QuotaExceeded(message, retry_after_seconds=int(DAY.total_seconds()))


def _sealed(uow: UnitOfWork, gateways: Gateways, product: Product, code: str) -> ProductCode:
    code_id = ProductCodeId(new_id())
    return ProductCode(
        id=code_id,
        product_id=product.id,
        sealed_code=gateways.sealer.seal(code, about=f"product code {code_id}"),
        digest=gateways.secrets.digest("product code", product.label, code),
        added_at=uow.now,
    )


async def _own_product(uow: UnitOfWork, product_id: ProductId) -> Product:
    product = await uow.products.get_for_update(product_id)
    merchant = await uow.merchants.get(product.merchant_id)
    if merchant.owner_id != uow.actor.user_id:
        raise ProductNotFound
    return product


def _require_owner(uow: UnitOfWork, merchant: Merchant) -> None:
    if merchant.owner_id != uow.actor.user_id:
        raise MerchantNotFound
