"""Pricing: what an amount is worth in another asset, by way of USDT, and what of it is the market's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ledger.transfer import MOVE_MINOR_MAX
from domain.money import Asset, BasisPoints, Money

_PARITY: Final = Decimal(1)
_PATH: Final = ("amount", "amount")


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """What is given, its value and the fee in USDT, and what is received for the rest."""

    amount: Money
    value: Money
    fee: Money
    result: Money

    @property
    def rest(self) -> Money:
        """The value less the fee, in USDT."""
        return self.value - self.fee


def priced(amount: Money, *, into: Asset, per_usdt: Mapping[Asset, Decimal], fee: BasisPoints) -> Price:
    """What `amount` comes to. The value is rounded down to a millionth of a USDT, the fee up, the result down,
    so that whoever converts to and fro gains nothing by rounding.

    Raises:
        InvalidInput: nothing would be received, or more than one move may carry.
    """
    value = valued(amount, per_usdt)
    ours, rest = fee.split(value)
    result = _converted(rest, into, one_buys=Fraction(per_usdt.get(into, _PARITY)))
    if result.minor <= 0:
        raise InvalidInput(FieldFault(_PATH, f"is too little to get any {into.code} for"))
    return Price(amount=amount, value=value, fee=ours, result=result)


def valued(amount: Money, per_usdt: Mapping[Asset, Decimal]) -> Money:
    """What an amount is worth in USDT, rounded down to a millionth.

    Raises:
        InvalidInput: more than one move may carry.
    """
    return _converted(amount, Asset.USDT, one_buys=1 / Fraction(per_usdt.get(amount.asset, _PARITY)))


def unconverted(amount: Money) -> Price:
    """The same for the same: nothing is valued, nothing is earned."""
    nothing = Money(0, Asset.USDT)
    return Price(amount=amount, value=nothing, fee=nothing, result=amount)


def _converted(amount: Money, into: Asset, *, one_buys: Fraction) -> Money:
    minor = amount.minor * one_buys * Fraction(10) ** (into.scale - amount.asset.scale)
    if minor > MOVE_MINOR_MAX:
        raise InvalidInput(FieldFault(_PATH, "is too much to convert at once"))
    return Money(int(minor), into)
