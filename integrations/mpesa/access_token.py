"""Daraja's access token: asked for by one, used by all until shortly before it expires."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Final

import orjson

from domain.clock import Clock
from domain.errors import GatewayFault
from integrations.mpesa.account import DarajaAccount
from integrations.outbound_http import OK, OutboundHttp

PROVIDER: Final = "mpesa"
LIFE_MAX: Final = timedelta(minutes=50)
MARGIN: Final = timedelta(minutes=1)


class AccessTokens:
    """The token of one process."""

    def __init__(self, account: DarajaAccount, http: OutboundHttp, *, clock: Clock) -> None:
        self._account, self._http, self._clock = account, http, clock
        self._turn = asyncio.Lock()
        self._token: str | None = None
        self._until: datetime | None = None

    async def current(self) -> str:
        """A token that is good for a while. However many ask at once, Daraja is asked once.

        Raises:
            GatewayFault: Daraja gives none.
        """
        async with self._turn:
            if self._token is None or self._until is None or self._clock.now() >= self._until:
                self._token, self._until = await self._fetched()
            return self._token

    def forget(self, token: str) -> None:
        """Daraja does not take this one any more; a newer one, which somebody else may have got, stays."""
        if self._token == token:
            self._token = None

    async def _fetched(self) -> tuple[str, datetime]:
        asked_at = self._clock.now()
        url = f"{self._account.url}/oauth/v1/generate?grant_type=client_credentials"
        answer = await self._http.get(url, headers={"Authorization": f"Basic {self._account.basic_credential}"})
        if answer.status != OK:
            raise GatewayFault(PROVIDER, str(answer.status), "M-Pesa refuses the market's credentials.")
        try:
            said = orjson.loads(answer.body)
            token, seconds = said["access_token"], int(said["expires_in"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            token, seconds = None, 0
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise GatewayFault(PROVIDER, None, "M-Pesa gives no access token.")
        return token, asked_at + min(LIFE_MAX, timedelta(seconds=seconds) - MARGIN)
