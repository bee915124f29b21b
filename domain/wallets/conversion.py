"""Conversion: one asset for another at a rate that is promised for a minute, then carried out once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import IdKind, QuoteId, encode_id, new_id
from domain.ledger.ports import Posting
from domain.ledger.posting import post
from domain.ledger.transfer import require_movable
from domain.money import Asset, BasisPoints, Money
from domain.unit_of_work import UnitOfWork
from domain.wallets.errors import QuoteNotFound
from domain.wallets.opening import open_wallet
from domain.wallets.postings import converted
from domain.wallets.pricing import priced
from domain.wallets.quote import ConversionQuote
from domain.wallets.rates import ExchangeRate, required_rates, standing_rates

QUOTE_LOCKED: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionTerms:
    """The market's share, and how old an observed rate may be."""

    fee: BasisPoints
    stale_after: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A quote and the rates it was made by."""

    quote: ConversionQuote
    rates: tuple[ExchangeRate, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """A quote that was carried out, and how the ledger booked it."""

    quote: ConversionQuote
    posting: Posting


async def quote_conversion(uow: UnitOfWork, *, amount: Money, into: Asset, terms: ConversionTerms) -> Quoted:
    """Promise the actor a result for a minute. Nothing is set aside: the balance is asked when it is executed.

    Raises:
        InvalidInput: the same asset, no positive amount, too little or too much.
        RateUnavailable: no fresh rate of one of the assets.
    """
    if into is amount.asset:
        raise InvalidInput(FieldFault(("into",), f"must be another asset than {into.code}"))
    require_movable(amount, path=("amount", "amount"))
    standing = standing_rates(await uow.rates.latest(at=uow.now), at=uow.now, stale_after=terms.stale_after)
    rates = required_rates(standing, (amount.asset, into))
    by_asset = {rate.asset: rate for rate in rates}
    price = priced(
        amount, into=into, per_usdt={asset: rate.per_usdt for asset, rate in by_asset.items()}, fee=terms.fee
    )
    quote = ConversionQuote(
        id=QuoteId(new_id()),
        owner_id=uow.actor.user_id,
        amount=price.amount,
        result=price.result,
        value_minor=price.value.minor,
        fee_minor=price.fee.minor,
        fee_basis_points=terms.fee.value,
        amount_rate_id=by_asset[amount.asset].id if amount.asset in by_asset else None,
        result_rate_id=by_asset[into].id if into in by_asset else None,
        words="; ".join(map(_words, rates)),
        quoted_at=uow.now,
        expires_at=uow.now + QUOTE_LOCKED,
    )
    await uow.quotes.add(quote)
    return Quoted(quote=quote, rates=rates)


async def execute_conversion(uow: UnitOfWork, *, quote_id: QuoteId) -> Conversion:
    """Carry out a promise: both sides and the fee in one transfer, which names the rates. A promise is kept once.

    Raises:
        QuoteNotFound: no such quote of the actor.
        QuoteExpired: its minute is over.
        QuoteAlreadyExecuted: it was carried out before, under another idempotency key.
        InsufficientFunds: less than the amount is available.
    """
    quote = await uow.quotes.get_for_update(quote_id)
    if quote.owner_id != uow.actor.user_id:
        raise QuoteNotFound
    quote.execute(at=uow.now)
    await open_wallet(uow, user_id=quote.owner_id, asset=quote.result.asset)
    transfer = converted(quote.owner_id, quote.price, reference=quote.reference, note=quote.words)
    return Conversion(quote=quote, posting=await post(uow, transfer))


def _words(rate: ExchangeRate) -> str:
    return f"{rate.per_usdt.normalize():f} {rate.asset.code}/USDT {encode_id(IdKind.EXCHANGE_RATE, rate.id)}"
