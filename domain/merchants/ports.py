"""What merchants ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.ids import MerchantId, UserId
from domain.merchants.merchant import Merchant
from domain.merchants.settlement_address import SettlementAddress


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

    async def settlement_addresses(self, merchant_id: MerchantId) -> list[SettlementAddress]:
        """What was set for a merchant: the hundred newest, the newest first. The merchant's row is locked before."""
        ...

    async def add_settlement_address(self, address: SettlementAddress) -> None:
        """Keep a new one."""
        ...
