"""Asking Daraja: with its access token, which is asked for once more when Daraja does not take it."""

from __future__ import annotations

from typing import Any

import orjson
import structlog

from domain.clock import Clock
from domain.errors import GatewayFault
from integrations.mpesa.access_token import PROVIDER, daraja_tokens
from integrations.mpesa.account import DarajaAccount
from integrations.mpesa.refusals import TOKEN_EXPIRED, refusal_in
from integrations.outbound_http import OutboundAnswer, OutboundHttp

log = structlog.get_logger("sokoni.mpesa")


class NoToken(Exception):
    """Daraja gives no access token, so nothing was asked."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


class DarajaHttp:
    """Requests to Daraja by one process."""

    def __init__(self, account: DarajaAccount, *, clock: Clock, http: OutboundHttp | None = None) -> None:
        self._account = account
        self._http = http or OutboundHttp(PROVIDER)
        self._tokens = daraja_tokens(account, self._http, clock=clock)

    async def post(self, path: str, body: dict[str, Any]) -> OutboundAnswer:
        """Ask; what was not understood because of the token is asked once more.

        Raises:
            NoToken, NotSent: nothing was asked.
            Unanswered: nobody answered in time; it may have been done.
        """
        token = await self._token()
        answer = await self._post_once(path, body, token)
        refusal = refusal_in(answer)
        if refusal is None or refusal.code != TOKEN_EXPIRED:
            return answer
        self._tokens.forget(token)
        return await self._post_once(path, body, await self._token())

    async def _post_once(self, path: str, body: dict[str, Any], token: str) -> OutboundAnswer:
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        return await self._http.post(self._account.url + path, orjson.dumps(body), headers=headers)

    async def _token(self) -> str:
        try:
            return await self._tokens.current()
        except GatewayFault as fault:
            log.warning("no_access_token", provider_code=fault.provider_code)
            raise NoToken(f"NO_TOKEN:{fault.provider_code}") from fault
