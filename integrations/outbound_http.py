"""The one way out to other people's HTTP: bounded in time and size, tried again where that is harmless, and left alone
for a while when it keeps failing. Neither addresses' queries nor bodies are logged: secrets travel in them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import aiohttp
import stamina
import structlog
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState
from yarl import URL

from domain.errors import GatewayFault

ANSWER_BYTES_MAX: Final = 1024 * 1024
TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)
ATTEMPTS: Final = 3
FAILURES_UNTIL_OPEN: Final = 5
OPEN_SECONDS: Final = 30.0
SERVER_FAULT: Final = 500

log = structlog.get_logger("sokoni.outbound")


class Unanswered(GatewayFault):
    """No answer came, or one that says that it is not the time; what became of the request is unknown."""


@dataclass(frozen=True, slots=True)
class OutboundAnswer:
    """What came back."""

    status: int
    body: bytes


@dataclass(frozen=True)
class OutboundHttp:
    """Requests to one provider, whose name faults and logs carry."""

    provider: str
    attempts: int = ATTEMPTS
    timeout: aiohttp.ClientTimeout = TIMEOUT
    _breakers: AsyncCircuitBreakerFactory = field(
        default_factory=lambda: AsyncCircuitBreakerFactory(
            default_threshold=FAILURES_UNTIL_OPEN, default_ttl=OPEN_SECONDS
        )
    )

    async def get(self, url: str) -> OutboundAnswer:
        """Ask for something; asked again after a fault, which changes nothing there.

        Raises:
            Unanswered: nobody answered in time, a fault of theirs three times, or they are being left alone.
        """
        try:
            async for attempt in stamina.retry_context(
                on=Unanswered, attempts=self.attempts, wait_initial=0.1, wait_max=1.0, timeout=None
            ):
                with attempt:
                    return await self._once(URL(url))
        except OpenedState:
            raise Unanswered(self.provider, "CIRCUIT_OPEN", f"{self.provider} is not asked for a while.") from None
        raise AssertionError("a retry ends with an answer or a fault")

    async def _once(self, url: URL) -> OutboundAnswer:
        breaker = await self._breakers.get_breaker(self.provider)
        async with breaker:
            try:
                async with (
                    aiohttp.ClientSession(timeout=self.timeout) as session,
                    session.get(url, allow_redirects=False) as response,
                ):
                    answer = OutboundAnswer(response.status, await self._body(response))
            except (aiohttp.ClientError, TimeoutError) as fault:
                log.warning("not_answered", provider=self.provider, host=url.host, why=type(fault).__name__)
                raise Unanswered(self.provider, None, f"{self.provider} does not answer.") from fault
            if answer.status >= SERVER_FAULT:
                log.warning("answered_with_a_fault", provider=self.provider, host=url.host, status=answer.status)
                raise Unanswered(self.provider, str(answer.status), f"{self.provider} has a fault.")
            return answer

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > ANSWER_BYTES_MAX:
                raise Unanswered(self.provider, "TOO_LONG", f"{self.provider} answers with too much.")
        return bytes(body)
