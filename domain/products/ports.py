"""What products ask of their storage."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol

from domain.ids import OrderId, ProductId
from domain.products.offer import Offer
from domain.products.product import Product, ProductCode


class Products(Protocol):
    """Products and their stock, loaded for change."""

    async def get_offer(self, product_id: ProductId) -> Offer:
        """The product with its merchant as they are; their rows stay free.

        Raises:
            ProductNotFound: there is none.
        """
        ...

    async def get_for_update(self, product_id: ProductId) -> Product:
        """The product, its row locked.

        Raises:
            ProductNotFound: there is none.
        """
        ...

    async def add(self, product: Product) -> None:
        """Keep a new product."""
        ...

    async def add_codes(self, codes: Collection[ProductCode]) -> None:
        """Take codes into the stock.

        Raises:
            CodeAlreadyAdded: the product has one of them already, sold or not.
        """
        ...

    async def release_code(self, order_id: OrderId) -> None:
        """What was set aside for an order is for sale again."""
        ...
