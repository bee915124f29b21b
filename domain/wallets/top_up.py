"""A top-up: what a payment becomes in the payer's own wallet."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ids import PaymentId, RateId
from domain.money import Asset, Money
from domain.wallets.pricing import Price


@dataclass(eq=False, kw_only=True)
class TopUp:
    """What was promised for a payment when it was requested. The value and the fee are in millionths of a USDT."""

    payment_id: PaymentId
    result: Money
    value_minor: int
    fee_minor: int
    amount_rate_id: RateId | None
    result_rate_id: RateId | None
    words: str

    def price(self, amount: Money) -> Price:
        """What was promised for the payment's amount."""
        value, fee = Money(self.value_minor, Asset.USDT), Money(self.fee_minor, Asset.USDT)
        return Price(amount=amount, value=value, fee=fee, result=self.result)
