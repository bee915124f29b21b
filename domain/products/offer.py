"""An offer: a product with what decides whether it can be ordered."""

from __future__ import annotations

from dataclasses import dataclass

from domain.merchants.errors import MerchantNotOpen
from domain.merchants.merchant import Merchant
from domain.products.product import Product


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """As it is for the moment: none of its rows is locked, so customers do not wait for each other."""

    product: Product
    merchant: Merchant
    is_owner_blocked: bool

    def require_open(self) -> None:
        """Refuse what nobody can order.

        Raises:
            MerchantNotOpen: its merchant does not sell, or the merchant's owner is shut out.
            ProductNotOffered: it is paused.
        """
        self.merchant.require_open()
        if self.is_owner_blocked:
            raise MerchantNotOpen
        self.product.require_offered()
