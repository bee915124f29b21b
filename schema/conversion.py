"""Exchange rates and conversions as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

import strawberry

from domain.ids import IdKind, WalletId, encode_id
from domain.ledger.account import wallet_id_of
from domain.money import Asset
from domain.wallets import conversion as domain
from domain.wallets.quote import ConversionQuote as Quote
from domain.wallets.rates import ExchangeRate as Rate
from schema.errors import Payload
from schema.fields import edge
from schema.money import Money, MoneyInput
from schema.scalars import DecimalString
from schema.wallets import Wallet


@strawberry.type
class ExchangeRate:
    """What one USDT is worth in another asset."""

    id: strawberry.ID
    """Named by every conversion that was made by it."""
    base: Asset
    """Always USDT."""
    quote: Asset
    """The other asset."""
    rate: DecimalString
    """How many of `quote` for one of `base`."""
    source: str
    """Who observed it, or `finance`, whose rates go before what was observed."""
    observed_at: datetime
    """When it was said."""
    expires_at: datetime
    """Until when things are converted by it, unless a newer one comes."""

    @classmethod
    def of(cls, rate: Rate, *, stale_after: timedelta) -> Self:
        """From a rate of the domain."""
        return cls(
            id=strawberry.ID(encode_id(IdKind.EXCHANGE_RATE, rate.id)),
            base=Asset.USDT,
            quote=rate.asset,
            rate=DecimalString(f"{rate.per_usdt.normalize():f}"),
            source=rate.source,
            observed_at=rate.observed_at,
            expires_at=rate.expires_at(stale_after),
        )


@strawberry.type
class ConversionQuote:
    """A promise to you: `result` for `amount`, for a minute."""

    id: strawberry.ID
    """Execute the conversion by it."""
    amount: Money
    """What you give."""
    value: Money
    """Its value in USDT, rounded down."""
    fee: Money
    """The market's share of the value, in USDT, rounded up."""
    result: Money
    """What you get for the rest, rounded down."""
    fee_basis_points: int
    """The share in hundredths of a percent."""
    rates: list[ExchangeRate]
    """What it was made by: one, or two where neither asset is USDT."""
    expires_at: datetime
    """Until when it can be executed, whatever rates do."""

    @classmethod
    def of(cls, quoted: domain.Quoted, *, stale_after: timedelta) -> Self:
        """From what was promised."""
        quote, price = quoted.quote, quoted.quote.price
        return cls(
            id=strawberry.ID(encode_id(IdKind.CONVERSION_QUOTE, quote.id)),
            amount=Money.of(price.amount),
            value=Money.of(price.value),
            fee=Money.of(price.fee),
            result=Money.of(price.result),
            fee_basis_points=quote.fee_basis_points,
            rates=[ExchangeRate.of(rate, stale_after=stale_after) for rate in quoted.rates],
            expires_at=quote.expires_at,
        )


@strawberry.type
class Conversion:
    """A quote that was carried out."""

    amount_wallet_key: strawberry.Private[WalletId]
    result_wallet_key: strawberry.Private[WalletId]

    quote_id: strawberry.ID
    """The quote."""
    reference: str
    """Of its one transfer, as both wallets' transactions name it."""
    amount: Money
    """What was given."""
    fee: Money
    """What of its value was the market's."""
    result: Money
    """What was received."""
    executed_at: datetime
    """When it was booked."""
    amount_wallet: Wallet = edge(key="amount_wallet_key", loader="wallet")
    """The wallet that gave, as it stands now."""
    result_wallet: Wallet = edge(key="result_wallet_key", loader="wallet")
    """The wallet that received, as it stands now; opened by this when you had none."""

    @classmethod
    def of(cls, executed: domain.Conversion) -> Self:
        """From what a command booked."""
        quote: Quote = executed.quote
        return cls(
            amount_wallet_key=wallet_id_of(quote.owner_id, quote.amount.asset),
            result_wallet_key=wallet_id_of(quote.owner_id, quote.result.asset),
            quote_id=strawberry.ID(encode_id(IdKind.CONVERSION_QUOTE, quote.id)),
            reference=quote.reference,
            amount=Money.of(quote.amount),
            fee=Money.of(quote.price.fee),
            result=Money.of(quote.result),
            executed_at=executed.posting.at,
        )


@strawberry.input
class ConversionQuoteInput:
    """What you would give, and for which asset."""

    amount: MoneyInput
    """Above zero."""
    into: Asset
    """Another asset than the amount's."""


@strawberry.type
class ConversionQuotePayload(Payload):
    """The promise."""

    quote: ConversionQuote | None = None
    """Null when it was refused."""


@strawberry.input
class ConversionExecuteInput:
    """Which promise is carried out."""

    quote_id: strawberry.ID
    """One of your own, not expired."""
    idempotency_key: str
    """Your name for this conversion, 1 to 255 printable characters; sent again, it is booked once."""


@strawberry.type
class ConversionExecutePayload(Payload):
    """The conversion was booked."""

    conversion: Conversion | None = None
    """Null when it was refused."""


@strawberry.input
class ExchangeRateSetInput:
    """What finance says that one USDT is worth."""

    asset: Asset
    """Another than USDT."""
    rate: DecimalString
    """How many of it for one USDT: above zero, at most 9 digits before the point and 8 behind it."""
    valid_for_seconds: int
    """How long it goes before what is observed, at most 30 days."""
    reason: str
    """For the audit trail, 3 to 500 characters."""


@strawberry.type
class ExchangeRateSetPayload(Payload):
    """The rate that stands from now on."""

    exchange_rate: ExchangeRate | None = None
    """Null when it was refused."""


@strawberry.input
class ExchangeRateWithdrawInput:
    """Which rate finance takes back."""

    exchange_rate_id: strawberry.ID
    """One that finance set and whose time is not over."""
    reason: str
    """For the audit trail, 3 to 500 characters."""


@strawberry.type
class ExchangeRateWithdrawPayload(Payload):
    """The rate that stands no longer."""

    exchange_rate: ExchangeRate | None = None
    """As it ended; null when it was refused."""
