"""Exchange rates of one USDT by HTTP, in the form of Coinbase's `GET /v2/exchange-rates?currency=USDT`:
`{"data": {"currency": "USDT", "rates": {"KES": "129.25", …}}}`
(docs.cdp.coinbase.com/coinbase-app/track-apis/exchange-rates).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from domain.errors import GatewayFault, InvalidInput
from domain.money import Asset
from domain.wallets.rates import RATE_PLACES_MAX, checked_rate
from integrations.outbound_http import OutboundHttp

PROVIDER: Final = "quotations"
OK: Final = 200
# Points have no market: finance says what they are worth.
OBSERVED: Final = (Asset.KES, Asset.INR, Asset.USD, Asset.EUR)


class UsdtQuotations:
    """See the port. `url` is asked as it stands."""

    name = PROVIDER

    def __init__(self, url: str, *, http: OutboundHttp | None = None) -> None:
        self._url = url
        self._http = http or OutboundHttp(PROVIDER)

    async def observe(self) -> Mapping[Asset, Decimal]:
        """What it tells of our assets; one that it does not tell of, or in no form of a rate, is left out.

        Raises:
            GatewayFault: no answer, or none about USDT.
        """
        answer = await self._http.get(self._url)
        if answer.status != OK:
            raise GatewayFault(PROVIDER, str(answer.status), "The source of exchange rates refuses.")
        told = _rates_in(answer.body)
        return {asset: rate for asset in OBSERVED if (rate := _rate(told.get(asset.code))) is not None}


def _rates_in(body: bytes) -> dict[str, Any]:
    try:
        data = orjson.loads(body)["data"]
        rates = data["rates"] if data["currency"] == Asset.USDT.code else None
    except (orjson.JSONDecodeError, KeyError, TypeError):
        rates = None
    if not isinstance(rates, dict):
        raise GatewayFault(PROVIDER, None, "The source of exchange rates does not answer as agreed.")
    return rates


def _rate(told: object) -> Decimal | None:
    """A rate with at most eight decimal places: further ones are cut off, which is less than any spread."""
    if not isinstance(told, str):
        return None
    whole, point, places = told.partition(".")
    try:
        return checked_rate(f"{whole}{point}{places[:RATE_PLACES_MAX]}")
    except InvalidInput:
        return None
