"""Exchange rates of the sandbox: always the same, so that every figure of an example can be checked by hand."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from domain.money import Asset

RATES: Final[Mapping[Asset, Decimal]] = MappingProxyType(
    {
        Asset.POINTS: Decimal(100),
        Asset.KES: Decimal("129.25"),
        Asset.INR: Decimal("84.5"),
        Asset.USD: Decimal(1),
        Asset.EUR: Decimal("0.92"),
    }
)


class SandboxRates:
    """See the port."""

    name = "sandbox"

    async def observe(self) -> Mapping[Asset, Decimal]:
        """One USDT is a hundred points, 129.25 KES, 84.50 INR, 1 USD or 0.92 EUR."""
        return RATES
