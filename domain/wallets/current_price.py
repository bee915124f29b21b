"""The price of the moment: by the rates that stand, at the terms of the market."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from domain.ids import IdKind, RateId, encode_id
from domain.money import Asset, BasisPoints, Money
from domain.unit_of_work import UnitOfWork
from domain.wallets.pricing import Price, priced, valued
from domain.wallets.rates import ExchangeRate, required_rates, standing_rates


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversionTerms:
    """The market's share, and how old an observed rate may be."""

    fee: BasisPoints
    stale_after: timedelta


@dataclass(frozen=True, kw_only=True)
class _Rated:
    """Something that was worked out by rates; by none where no asset but USDT is in it."""

    rates: tuple[ExchangeRate, ...]

    @property
    def words(self) -> str:
        """The rates and their ids, as a transfer's note names them."""
        return "; ".join(map(_words, self.rates))

    def rate_id(self, asset: Asset) -> RateId | None:
        """The rate that this asset was valued by; USDT has none."""
        return next((rate.id for rate in self.rates if rate.asset is asset), None)


@dataclass(frozen=True, kw_only=True)
class CurrentPrice(_Rated):
    """What an amount comes to in another asset."""

    price: Price


@dataclass(frozen=True, kw_only=True)
class CurrentValue(_Rated):
    """What an amount is worth in USDT."""

    value: Money


async def price_now(uow: UnitOfWork, amount: Money, *, into: Asset, terms: ConversionTerms) -> CurrentPrice:
    """What an amount comes to in another asset now.

    Raises:
        RateUnavailable: no fresh rate of one of the assets.
        InvalidInput: too little or too much.
    """
    standing = standing_rates(await uow.rates.latest(at=uow.now), at=uow.now, stale_after=terms.stale_after)
    rates = required_rates(standing, (amount.asset, into))
    per_usdt = {rate.asset: rate.per_usdt for rate in rates}
    return CurrentPrice(price=priced(amount, into=into, per_usdt=per_usdt, fee=terms.fee), rates=rates)


async def valued_now(uow: UnitOfWork, amount: Money, *, stale_after: timedelta) -> CurrentValue:
    """What an amount is worth in USDT now, rounded down.

    Raises:
        RateUnavailable: no fresh rate of its asset.
        InvalidInput: too much.
    """
    known = [] if amount.asset is Asset.USDT else await uow.rates.latest_of(amount.asset, at=uow.now)
    standing = standing_rates(known, at=uow.now, stale_after=stale_after)
    rates = required_rates(standing, (amount.asset,))
    return CurrentValue(value=valued(amount, {rate.asset: rate.per_usdt for rate in rates}), rates=rates)


def _words(rate: ExchangeRate) -> str:
    return f"{rate.per_usdt.normalize():f} {rate.asset.code}/USDT {encode_id(IdKind.EXCHANGE_RATE, rate.id)}"
