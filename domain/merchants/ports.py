"""What merchants ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.ids import MerchantId, UserId
from domain.merchants.merchant import Merchant


class Merchants(Protocol):
    """Merchants, loaded for change."""

    async def get(self, merchant_id: MerchantId) -> Merchant:
        """The merchant as it is; its row stays free.

        Raises:
            MerchantNotFound: there is none.
        """
        ...

    async def get_with_owner(self, merchant_id: MerchantId) -> tuple[Merchant, bool]:
        """The merchant as it is, and whether its owner is shut out; both rows stay free.

        Raises:
            MerchantNotFound: there is none.
        """
        ...

    async def get_for_update(self, merchant_id: MerchantId) -> Merchant:
        """The merchant, its row locked.

        Raises:
            MerchantNotFound: there is none.
        """
        ...

    async def count_of(self, owner_id: UserId) -> int:
        """How many the person has. The person's other registrations wait from here until this command ends."""
        ...

    async def add(self, merchant: Merchant) -> None:
        """Keep a new merchant."""
        ...
