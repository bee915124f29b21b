"""A quote: what a person is promised for an amount, for a minute."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import IdKind, QuoteId, RateId, UserId, encode_id
from domain.money import Asset, Money
from domain.wallets.errors import QuoteAlreadyExecuted, QuoteExpired
from domain.wallets.pricing import Price


@dataclass(eq=False, kw_only=True)
class ConversionQuote:
    """A promise to one person: this much for that much, until it expires.

    The value and the fee are in millionths of a USDT; `words` name the rates it was made by.
    """

    id: QuoteId
    owner_id: UserId
    amount: Money
    result: Money
    value_minor: int
    fee_minor: int
    fee_basis_points: int
    amount_rate_id: RateId | None
    result_rate_id: RateId | None
    words: str
    quoted_at: datetime
    expires_at: datetime
    executed_at: datetime | None = None
    version: int = 0

    @property
    def price(self) -> Price:
        """What was promised."""
        return Price(
            amount=self.amount,
            value=Money(self.value_minor, Asset.USDT),
            fee=Money(self.fee_minor, Asset.USDT),
            result=self.result,
        )

    @property
    def reference(self) -> str:
        """The natural key of its transfer."""
        return f"conversion:{encode_id(IdKind.CONVERSION_QUOTE, self.id)}"

    def execute(self, *, at: datetime) -> None:
        """Use the promise up.

        Raises:
            QuoteAlreadyExecuted: it was used before.
            QuoteExpired: its minute is over.
        """
        if self.executed_at is not None:
            raise QuoteAlreadyExecuted
        if at >= self.expires_at:
            raise QuoteExpired
        self.executed_at = at
        self.version += 1
