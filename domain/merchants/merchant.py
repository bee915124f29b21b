"""A merchant: a business, who owns it, and whether it may sell."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.ids import IdKind, MerchantId, UserId, encode_id
from domain.merchants.errors import MerchantNotOpen, MerchantStays
from domain.merchants.events import MerchantUpdated
from domain.money import BasisPoints


class MerchantStatus(StrEnum):
    """Whether a merchant may sell."""

    PENDING = "PENDING"
    """Registered, and not looked at yet."""
    VERIFIED = "VERIFIED"
    """May sell."""
    SUSPENDED = "SUSPENDED"
    """May not sell any more; what it is owed stays owed."""


@dataclass(eq=False, kw_only=True)
class Merchant:
    """A business of one person. `fee_basis_points` is the market's share of its orders; None is the general one."""

    id: MerchantId
    owner_id: UserId
    name: str
    status: MerchantStatus = MerchantStatus.PENDING
    fee_basis_points: int | None = None
    suspended_reason: str | None = None
    registered_at: datetime
    verified_at: datetime | None = None
    version: int = 0

    @property
    def is_open(self) -> bool:
        """Whether it sells."""
        return self.status is MerchantStatus.VERIFIED

    def require_open(self) -> None:
        """Raises MerchantNotOpen unless it sells."""
        if not self.is_open:
            raise MerchantNotOpen

    def fee(self, general: BasisPoints) -> BasisPoints:
        """The market's share of an order."""
        return general if self.fee_basis_points is None else BasisPoints(self.fee_basis_points)

    def verify(self, *, fee_basis_points: int | None, at: datetime) -> MerchantUpdated:
        """Let it sell; a suspended one again. Raises MerchantStays when it sells already."""
        if self.is_open:
            raise MerchantStays(self.status)
        self.fee_basis_points, self.suspended_reason, self.verified_at = fee_basis_points, None, at
        return self._become(MerchantStatus.VERIFIED)

    def suspend(self, reason: str) -> MerchantUpdated:
        """Let it sell no more. Raises MerchantStays when it is suspended already."""
        if self.status is MerchantStatus.SUSPENDED:
            raise MerchantStays(self.status)
        self.suspended_reason = reason
        return self._become(MerchantStatus.SUSPENDED)

    def _become(self, status: MerchantStatus) -> MerchantUpdated:
        self.status = status
        self.version += 1
        return self.told

    @property
    def told(self) -> MerchantUpdated:
        """The merchant as it is, for those who listen."""
        return MerchantUpdated(merchant_id=self.id, owner_id=self.owner_id, status=self.status.value)

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.MERCHANT, self.id)
