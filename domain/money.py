"""Amounts: whole minor units of an asset, never a float, never a loss."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import Final, Self

from domain.errors import FieldFault, InvalidInput

MINOR_MAX: Final = 2**63 - 1
BASIS_POINTS_WHOLE: Final = 10_000
_AMOUNT = re.compile(r"-?\d{1,20}(\.\d{1,18})?", re.ASCII)


class Asset(Enum):
    """What can be owned, with the digits its minor unit stands behind the point.

    A rail or a chain is not an asset: USDT is one asset wherever the coins sit.
    """

    POINTS = ("POINTS", 0)
    """The market's own points; whole ones only."""
    USDT = ("USDT", 6)
    """Tether; six digits."""
    KES = ("KES", 2)
    """Kenyan shilling; two digits."""
    INR = ("INR", 2)
    """Indian rupee; two digits."""
    USD = ("USD", 2)
    """US dollar; two digits."""
    EUR = ("EUR", 2)
    """Euro; two digits."""

    code: str
    """The name clients see."""
    scale: int
    """Digits behind the point: POINTS 0, USDT 6, national currencies 2."""

    def __init__(self, code: str, scale: int) -> None:
        self.code, self.scale = code, scale


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """A signed amount in minor units of one asset; fits a database BIGINT."""

    minor: int
    asset: Asset

    def __post_init__(self) -> None:
        assert -MINOR_MAX <= self.minor <= MINOR_MAX, "an amount fits 64 bits"

    @classmethod
    def parse(cls, amount: str, asset: Asset, *, path: tuple[str, ...] = ("amount",)) -> Self:
        """Read a decimal string exactly; excess digits are refused, never rounded.

        Raises:
            InvalidInput: not a plain decimal, more digits than the asset has, or beyond 64 bits.
        """
        if not _AMOUNT.fullmatch(amount):
            raise InvalidInput(FieldFault(path, "must be a plain decimal number such as 12.50"))
        # By its digits: a Decimal would round whatever has more of them than its context keeps.
        whole, _, fraction = amount.partition(".")
        fraction = fraction.rstrip("0")
        if len(fraction) > asset.scale:
            raise InvalidInput(FieldFault(path, f"{asset.code} has at most {asset.scale} decimal places"))
        minor = int(whole + fraction.ljust(asset.scale, "0"))
        if abs(minor) > MINOR_MAX:
            raise InvalidInput(FieldFault(path, "is too large"))
        return cls(minor, asset)

    @property
    def amount(self) -> str:
        """Canonical decimal string: no exponent, exactly the asset's digits."""
        return decimal_of(self.minor, self.asset.scale)

    @property
    def is_positive(self) -> bool:
        """Whether there is something to move."""
        return self.minor > 0

    def require_positive(self, *, path: tuple[str, ...] = ("amount",)) -> Self:
        """Refuse zero and less.

        Raises:
            InvalidInput: the amount is not above zero.
        """
        if self.minor <= 0:
            raise InvalidInput(FieldFault(path, "must be greater than zero"))
        return self

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.asset)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.asset)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.asset)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def _same(self, other: Money) -> int:
        assert self.asset is other.asset, "amounts of different assets never meet"
        return other.minor

    def share_out(self, *weights: int) -> tuple[Money, ...]:
        """Split by weights, losing no minor unit: earlier shares take the remainder, one unit each."""
        assert self.minor >= 0, "only an amount that exists is shared"
        assert sum(weights) > 0, "somebody takes part"
        assert min(weights) >= 0, "nobody takes part negatively"
        total = sum(weights)
        shares = [self.minor * weight // total for weight in weights]
        takers = [index for index, weight in enumerate(weights) if weight]
        for index in takers[: self.minor - sum(shares)]:
            shares[index] += 1
        return tuple(Money(share, self.asset) for share in shares)


def decimal_of(minor: int, scale: int) -> str:
    """Minor units as a canonical decimal string: no exponent, exactly `scale` digits behind the point."""
    if scale == 0:
        return str(minor)
    if minor < 0:
        return f"-{decimal_of(-minor, scale)}"
    digits = str(minor).zfill(scale + 1)
    return f"{digits[:-scale]}.{digits[-scale:]}"


@dataclass(frozen=True, slots=True)
class BasisPoints:
    """A rate in hundredths of a percent: 500 is 5 %."""

    value: int

    def __post_init__(self) -> None:
        assert 0 <= self.value <= BASIS_POINTS_WHOLE, "a rate lies between 0 and 100 %"

    def split(self, whole: Money) -> tuple[Money, Money]:
        """The fee and the rest; the fee is rounded up once, both sum to the whole."""
        fee = -(-whole.minor * self.value // BASIS_POINTS_WHOLE)
        return Money(fee, whole.asset), Money(whole.minor - fee, whole.asset)


def asset_of(code: str) -> Asset:
    """The asset of a stored code; codes never change their meaning."""
    return Asset[code]
