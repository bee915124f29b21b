"""Conversion: one asset for another at a rate that is promised for a minute, then carried out once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import QuoteId, new_id
from domain.ledger.ports import Posting
from domain.ledger.posting import post
from domain.ledger.transfer import require_movable
from domain.money import Asset, Money
from domain.unit_of_work import UnitOfWork
from domain.wallets.current_price import ConversionTerms, price_now
from domain.wallets.errors import QuoteNotFound
from domain.wallets.opening import open_wallet
from domain.wallets.postings import converted
from domain.wallets.quote import ConversionQuote
from domain.wallets.rates import ExchangeRate

QUOTE_LOCKED: Final = timedelta(seconds=60)


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
    current = await price_now(uow, amount, into=into, terms=terms)
    price = current.price
    quote = ConversionQuote(
        id=QuoteId(new_id()),
        owner_id=uow.actor.user_id,
        amount=price.amount,
        result=price.result,
        value_minor=price.value.minor,
        fee_minor=price.fee.minor,
        fee_basis_points=terms.fee.value,
        amount_rate_id=current.rate_id(amount.asset),
        result_rate_id=current.rate_id(into),
        words=current.words,
        quoted_at=uow.now,
        expires_at=uow.now + QUOTE_LOCKED,
    )
    await uow.quotes.add(quote)
    return Quoted(quote=quote, rates=current.rates)


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
