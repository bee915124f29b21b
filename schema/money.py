"""Money on the API: a decimal string with its asset, never a float."""

from __future__ import annotations

from functools import lru_cache
from typing import Final, Self

import strawberry

from domain import money as domain
from schema.scalars import BigInt, DecimalString
from schema.shown import shown

_REMEMBERED_MAX: Final = 8_192
# Lists show the same amounts again and again.
_decimal_of: Final = lru_cache(_REMEMBERED_MAX)(domain.decimal_of)

strawberry.enum(domain.Asset, name="AssetCode", description="What can be owned.")


@strawberry.type
class Money:
    """An amount of one asset."""

    amount: DecimalString = shown(_decimal_of, "units", "asset.scale")
    """Decimal string with exactly the asset's digits, for example "12.50"."""
    asset: domain.Asset
    """What it is an amount of."""
    units: BigInt
    """The same in minor units."""
    scale: int = shown("asset.scale")
    """Digits behind the point."""

    @classmethod
    def of(cls, money: domain.Money) -> Self:
        """From an amount of the domain."""
        return cls(units=BigInt(money.minor), asset=money.asset)


@strawberry.input
class MoneyInput:
    """An amount as a client writes it; more digits than the asset has are refused, never rounded."""

    amount: DecimalString
    """Decimal string, for example "12.50"."""
    asset: domain.Asset
    """What it is an amount of."""

    def parse(self, *, path: tuple[str, ...] = ("amount",)) -> domain.Money:
        """The exact amount.

        Raises:
            InvalidInput: no plain decimal, too many digits, too large; `path` leads to the faulty field.
        """
        return domain.Money.parse(self.amount, self.asset, path=(*path, "amount"))
