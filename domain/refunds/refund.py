"""A refund: a part of a price, or all of it, that a customer has back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import IdKind, OrderId, RefundId, UserId, encode_id
from domain.money import Asset, Money


@dataclass(eq=False, kw_only=True)
class Refund:
    """What was given back of one order, by whom and why. `from_merchant_minor` and `from_market_minor` are what it took
    of the merchant's payable and of the market's share, in millionths of a USDT.
    """

    id: RefundId
    order_id: OrderId
    place: int
    amount: Money
    from_merchant_minor: int
    from_market_minor: int
    reason: str
    made_by: UserId | None
    made_at: datetime

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.REFUND, self.id)

    @property
    def from_merchant(self) -> Money:
        """What the merchant is owed less."""
        return Money(self.from_merchant_minor, Asset.USDT)

    @property
    def from_market(self) -> Money:
        """What the market earned less."""
        return Money(self.from_market_minor, Asset.USDT)
