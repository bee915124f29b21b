"""What happens to merchants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from domain.events import Event
from domain.ids import IdKind, MerchantId, SettlementAddressId, UserId, encode_id


@dataclass(frozen=True, kw_only=True)
class MerchantUpdated(Event):
    """Registered, verified or suspended."""

    name: ClassVar[str] = "merchant.updated"

    merchant_id: MerchantId
    owner_id: UserId
    status: str

    @property
    def subject(self) -> str:
        """The merchant."""
        return encode_id(IdKind.MERCHANT, self.merchant_id)


@dataclass(frozen=True, kw_only=True)
class SettlementAddressUpdated(Event):
    """Another address was set, which holds later, or it was cancelled before it did."""

    name: ClassVar[str] = "merchant.settlement_address_updated"

    merchant_id: MerchantId
    owner_id: UserId
    address_id: SettlementAddressId
    network: str
    address: str
    state: str
    in_force_at: datetime

    @property
    def subject(self) -> str:
        """The merchant."""
        return encode_id(IdKind.MERCHANT, self.merchant_id)
