"""Conversion: rates are read and set, results promised, promises carried out."""

from __future__ import annotations

from datetime import timedelta

import strawberry

from db.reads.conversion import rates_said
from domain.identity.roles import Permission
from domain.ids import IdKind, QuoteId, RateId, decode_id
from domain.money import Asset, BasisPoints
from domain.plain import to_plain
from domain.wallets.conversion import execute_conversion, quote_conversion
from domain.wallets.current_price import ConversionTerms
from domain.wallets.rate_keeping import set_rate, withdraw_rate
from domain.wallets.rates import standing_rates
from resolvers.context import Info
from schema.access import SIGNED_IN, holders_of
from schema.conversion import (
    Conversion,
    ConversionExecuteInput,
    ConversionExecutePayload,
    ConversionQuote,
    ConversionQuoteInput,
    ConversionQuotePayload,
    ExchangeRate,
    ExchangeRateSetInput,
    ExchangeRateSetPayload,
    ExchangeRateWithdrawInput,
    ExchangeRateWithdrawPayload,
)
from schema.fields import mutation, query


async def terms_of(info: Info) -> ConversionTerms:
    """The terms that the settings state now."""
    settings = (await info.context.settings.current()).settings
    return ConversionTerms(
        fee=BasisPoints(int(settings["conversion_fee_basis_points"].value)),
        stale_after=timedelta(seconds=int(settings["rate_stale_after_seconds"].value)),
    )


@strawberry.type
class ConversionQuery:
    """What can be asked about conversion."""

    @query(access=SIGNED_IN)
    async def exchange_rates(self, info: Info) -> list[ExchangeRate]:
        """The rate of each asset by which things are converted now; an asset without a fresh one is left out."""
        stale_after, now = (await terms_of(info)).stale_after, info.context.clock.now()
        async with info.context.database.read() as connection:
            said = await rates_said(connection, at=now)
        standing = standing_rates(said, at=now, stale_after=stale_after)
        return [ExchangeRate.of(standing[asset], stale_after=stale_after) for asset in Asset if asset in standing]


@strawberry.type
class ConversionMutation:
    """How one asset becomes another."""

    @mutation(access=SIGNED_IN)
    async def conversion_quote(self, info: Info, input: ConversionQuoteInput) -> ConversionQuotePayload:
        """Have a result promised for a minute. Nothing is set aside: the balance is asked when it is executed."""
        amount, terms = input.amount.parse(), await terms_of(info)
        async with info.context.unit_of_work() as uow:
            quoted = await quote_conversion(uow, amount=amount, into=input.into, terms=terms)
        return ConversionQuotePayload(quote=ConversionQuote.of(quoted, stale_after=terms.stale_after))

    @mutation(access=SIGNED_IN, once=True)
    async def conversion_execute(self, info: Info, input: ConversionExecuteInput) -> ConversionExecutePayload:
        """Carry out a promise: both sides and the fee are booked in one transfer. Your wallets' events tell it."""
        quote_id = QuoteId(decode_id(IdKind.CONVERSION_QUOTE, input.quote_id, path=("quoteId",)))
        async with info.context.unit_of_work() as uow:
            executed = await execute_conversion(uow, quote_id=quote_id)
            payload = ConversionExecutePayload(conversion=Conversion.of(executed))
            uow.remember(to_plain(payload))
        return payload

    @mutation(access=holders_of(Permission.RATE_SET))
    async def exchange_rate_set(self, info: Info, input: ExchangeRateSetInput) -> ExchangeRateSetPayload:
        """Say what one USDT is worth. Clients that show rates are told by a settings event of `exchange_rates`."""
        async with info.context.unit_of_work() as uow:
            rate = await set_rate(
                uow,
                asset=input.asset,
                rate=input.rate,
                valid_for_seconds=input.valid_for_seconds,
                reason=input.reason,
            )
        return ExchangeRateSetPayload(exchange_rate=ExchangeRate.of(rate, stale_after=timedelta()))

    @mutation(access=holders_of(Permission.RATE_SET))
    async def exchange_rate_withdraw(self, info: Info, input: ExchangeRateWithdrawInput) -> ExchangeRateWithdrawPayload:
        """Take a rate back that finance set; what is observed stands again. Quotes stay as they were given."""
        rate_id = RateId(decode_id(IdKind.EXCHANGE_RATE, input.exchange_rate_id, path=("exchangeRateId",)))
        async with info.context.unit_of_work() as uow:
            rate = await withdraw_rate(uow, rate_id=rate_id, reason=input.reason)
        return ExchangeRateWithdrawPayload(exchange_rate=ExchangeRate.of(rate, stale_after=timedelta()))
