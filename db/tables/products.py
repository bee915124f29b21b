"""What merchants sell, and the stock of it."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.orm import composite, registry

from db.columns import SECRET, EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.products.product import Product, ProductDelivery, ProductStatus

products: Final = Table(
    "products",
    metadata,
    id_column(),
    Column("merchant_id", Uuid, ForeignKey("merchants.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("price_asset", EnumText(Asset), nullable=False),
    Column("delivery", EnumText(ProductDelivery), nullable=False),
    Column("file_id", Uuid, ForeignKey("uploads.id")),
    Column("status", EnumText(ProductStatus), nullable=False),
    instant_column("created_at"),
    instant_column("updated_at"),
    Column("version", Integer, nullable=False),
    CheckConstraint("price_minor > 0", name="price_positive"),
    CheckConstraint("status in ('OFFERED', 'PAUSED')", name="status_known"),
    CheckConstraint("delivery in ('CODE', 'FILE')", name="delivery_known"),
    CheckConstraint("delivery = 'FILE' or file_id is null", name="file_where_delivered"),
    info={"id_kind": IdKind.PRODUCT},
)
Index("ix_products_newest", products.c.created_at, products.c.id)
Index("ix_products_merchant", products.c.merchant_id, products.c.created_at, products.c.id)

# A code belongs to one order: which one is written once, in the commit that takes the money.
product_codes: Final = Table(
    "product_codes",
    metadata,
    id_column(),
    Column("product_id", Uuid, ForeignKey("products.id"), nullable=False),
    Column("sealed_code", LargeBinary, nullable=False, info=SECRET),
    Column("digest", LargeBinary, nullable=False, info=SECRET),
    Column("order_id", Uuid, unique=True),
    instant_column("added_at"),
    UniqueConstraint("product_id", "digest"),
)
Index(
    "ix_product_codes_unsold",
    product_codes.c.product_id,
    product_codes.c.id,
    postgresql_where=product_codes.c.order_id.is_(None),
)


def map_products(mappers: registry) -> None:
    """Map products; codes are rows of the driver."""
    mappers.map_imperatively(
        Product,
        products,
        version_id_col=products.c.version,
        version_id_generator=False,
        properties={
            "_price_minor": products.c.price_minor,
            "_price_asset": products.c.price_asset,
            "price": composite(Money, products.c.price_minor, products.c.price_asset),
        },
    )
