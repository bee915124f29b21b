"""Daraja's access token."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import orjson

from domain.clock import Clock
from domain.errors import GatewayFault
from integrations.bearer_tokens import BearerTokens, GivenToken
from integrations.mpesa.account import DarajaAccount
from integrations.outbound_http import OK, OutboundHttp

PROVIDER: Final = "mpesa"
LIFE_MAX: Final = timedelta(minutes=50)


def daraja_tokens(account: DarajaAccount, http: OutboundHttp, *, clock: Clock) -> BearerTokens:
    """The token of one process; `current` raises GatewayFault where Daraja gives none."""

    async def fetch() -> GivenToken:
        url = f"{account.url}/oauth/v1/generate?grant_type=client_credentials"
        answer = await http.get(url, headers={"Authorization": f"Basic {account.basic_credential}"})
        if answer.status != OK:
            raise GatewayFault(PROVIDER, str(answer.status), "M-Pesa refuses the market's credentials.")
        try:
            said = orjson.loads(answer.body)
            token, seconds = said["access_token"], int(said["expires_in"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            token, seconds = None, 0
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise GatewayFault(PROVIDER, None, "M-Pesa gives no access token.")
        return GivenToken(token, min(LIFE_MAX, timedelta(seconds=seconds)))

    return BearerTokens(fetch, clock=clock)
