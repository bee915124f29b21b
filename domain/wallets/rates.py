"""Rates: what one USDT is worth in every other asset, who says so, and for how long it stands."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import RateId
from domain.money import Asset
from domain.wallets.errors import RateUnavailable

FINANCE: Final = "finance"
RATE_PLACES_MAX: Final = 8
_RATE: Final = re.compile(rf"\d{{1,9}}(\.\d{{1,{RATE_PLACES_MAX}}})?", re.ASCII)


@dataclass(eq=False, kw_only=True)
class ExchangeRate:
    """So many of `asset` for one USDT. Observed ones grow stale; one that finance sets ends when finance said."""

    id: RateId
    asset: Asset
    per_usdt: Decimal
    source: str
    observed_at: datetime
    valid_until: datetime | None = None
    version: int = 0

    @property
    def is_set_by_finance(self) -> bool:
        """Whether a person stands behind it; it then goes before what was observed."""
        return self.valid_until is not None

    def expires_at(self, stale_after: timedelta) -> datetime:
        """Until when things are converted by it."""
        return self.valid_until or self.observed_at + stale_after


def checked_rate(text: str, *, path: tuple[str, ...] = ("rate",)) -> Decimal:
    """Read a rate exactly.

    Raises:
        InvalidInput: no plain decimal above zero with at most 9 digits before the point and 8 behind it.
    """
    if not _RATE.fullmatch(text) or not (rate := Decimal(text)):
        raise InvalidInput(
            FieldFault(path, f"must be a plain decimal above zero with at most {RATE_PLACES_MAX} decimal places")
        )
    return rate


def standing_rates(
    known: Iterable[ExchangeRate], *, at: datetime, stale_after: timedelta
) -> Mapping[Asset, ExchangeRate]:
    """The rate of each asset by which things are converted at this instant: finance's, else the newest observed."""
    standing: dict[Asset, ExchangeRate] = {}
    for rate in sorted(known, key=lambda rate: (rate.is_set_by_finance, rate.observed_at, rate.id)):
        if rate.expires_at(stale_after) > at:
            standing[rate.asset] = rate
    return standing


def required_rates(standing: Mapping[Asset, ExchangeRate], assets: Collection[Asset]) -> tuple[ExchangeRate, ...]:
    """The rates of these assets; USDT needs none.

    Raises:
        RateUnavailable: nobody said lately what one of them is worth.
    """
    for asset in assets:
        if asset is not Asset.USDT and asset not in standing:
            raise RateUnavailable(asset)
    return tuple(standing[asset] for asset in assets if asset is not Asset.USDT)
