"""What happens to merchants."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Event
from domain.ids import IdKind, MerchantId, UserId, encode_id


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
