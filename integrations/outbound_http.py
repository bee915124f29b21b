"""The one way out to other people's HTTP: bounded in time and size, tried again where that is harmless, and left alone
for a while when it keeps failing. Neither addresses' queries nor bodies are logged: secrets travel in them.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
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
OK: Final = 200
SERVER_FAULT: Final = 500
CIRCUIT_OPEN: Final = "CIRCUIT_OPEN"
NO_HEADERS: Final[Mapping[str, str]] = MappingProxyType({})

log = structlog.get_logger("sokoni.outbound")


class Unanswered(GatewayFault):
    """No answer came, or one that says that it is not the time; what became of the request is unknown."""


class NotSent(Unanswered):
    """The request did not leave: there was no connection, or the provider is being left alone."""


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

    async def get(self, url: str, *, headers: Mapping[str, str] = NO_HEADERS) -> OutboundAnswer:
        """Ask for something; asked again after a fault, which changes nothing there.

        Raises:
            Unanswered: nobody answered in time, a fault of theirs three times, or they are being left alone.
        """
        async for attempt in stamina.retry_context(
            on=_is_worth_another_try, attempts=self.attempts, wait_initial=0.1, wait_max=1.0, timeout=None
        ):
            with attempt:
                return await self._guarded(lambda: self._got(URL(url), headers))
        raise AssertionError("a retry ends with an answer or a fault")

    async def post(self, url: str, body: bytes, *, headers: Mapping[str, str]) -> OutboundAnswer:
        """Have something done, once. Whatever the status is, the answer is given: what it means, its body says.

        Raises:
            NotSent: nothing left.
            Unanswered: nobody answered in time; it may have been done.
        """
        return await self._guarded(lambda: self._asked("POST", URL(url), headers, body))

    async def _guarded(self, ask: Callable[[], Awaitable[OutboundAnswer]]) -> OutboundAnswer:
        breaker = await self._breakers.get_breaker(self.provider)
        try:
            async with breaker:
                return await ask()
        except OpenedState:
            raise NotSent(self.provider, CIRCUIT_OPEN, f"{self.provider} is not asked for a while.") from None

    async def _got(self, url: URL, headers: Mapping[str, str]) -> OutboundAnswer:
        answer = await self._asked("GET", url, headers, None)
        if answer.status >= SERVER_FAULT:
            log.warning("answered_with_a_fault", provider=self.provider, host=url.host, status=answer.status)
            raise Unanswered(self.provider, str(answer.status), f"{self.provider} has a fault.")
        return answer

    async def _asked(self, method: str, url: URL, headers: Mapping[str, str], body: bytes | None) -> OutboundAnswer:
        try:
            async with (
                # A connection of its own for each: one kept open may be dead, and then nobody knows what left.
                aiohttp.ClientSession(timeout=self.timeout) as session,
                session.request(method, url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                return OutboundAnswer(response.status, await self._body(response))
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
            log.warning("not_reached", provider=self.provider, host=url.host, why=type(fault).__name__)
            raise NotSent(self.provider, None, f"{self.provider} is not reached.") from fault
        except (aiohttp.ClientError, TimeoutError) as fault:
            log.warning("not_answered", provider=self.provider, host=url.host, why=type(fault).__name__)
            raise Unanswered(self.provider, None, f"{self.provider} does not answer.") from fault

    async def _body(self, response: aiohttp.ClientResponse) -> bytes:
        body = bytearray()
        async for part in response.content.iter_any():
            body += part
            if len(body) > ANSWER_BYTES_MAX:
                raise Unanswered(self.provider, "TOO_LONG", f"{self.provider} answers with too much.")
        return bytes(body)


def _is_worth_another_try(fault: Exception) -> bool:
    return isinstance(fault, Unanswered) and fault.provider_code != CIRCUIT_OPEN
