"""A Daraja-shaped server on this machine, and the market's account at it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from typing import Final

import aiohttp
from aiohttp import web

from domain.clock import Clock
from integrations.mpesa.account import DarajaAccount, TransactionType
from integrations.mpesa.express import MpesaExpress
from integrations.outbound_http import OutboundHttp
from integrations.sandbox.daraja import DarajaSandbox
from integrations.sandbox.daraja_key import SandboxKey

PATIENCE: Final = aiohttp.ClientTimeout(total=0.5, connect=0.3)


def make_account(url: str, **changes: str) -> DarajaAccount:
    """The account that the server knows."""
    given = {
        "url": url,
        "consumer_key": "key",
        "consumer_secret": "secret",
        "short_code": "174379",
        "passkey": "passkey",
        "callback_url": "http://127.0.0.1:9",
    }
    return DarajaAccount(**{**given, **changes}, transaction_type=TransactionType.PAY_BILL)


def make_express(url: str, clock: Clock, **changes: str) -> MpesaExpress:
    """The real adapter, which loses its patience after half a second."""
    http = OutboundHttp("mpesa", timeout=PATIENCE, attempts=1)
    return MpesaExpress(make_account(url, **changes), clock=clock, http=http)


@cache
def sandbox_key() -> SandboxKey:
    """One for all tests: making it takes a while."""
    return SandboxKey()


@dataclass(frozen=True)
class Daraja:
    """The server and what is behind it."""

    url: str
    server: DarajaSandbox
    stop: Callable[[], Awaitable[None]]

    def express(self, clock: Clock, **changes: str) -> MpesaExpress:
        """The real adapter at this server."""
        return make_express(self.url, clock, **changes)


async def _listening(application: web.Application) -> tuple[web.AppRunner, str]:
    runner = web.AppRunner(application, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
    return runner, f"http://127.0.0.1:{port}"


@asynccontextmanager
async def serving(application: web.Application) -> AsyncIterator[str]:
    """The address that an application answers at."""
    runner, url = await _listening(application)
    try:
        yield url
    finally:
        await runner.cleanup()


@asynccontextmanager
async def running_daraja(clock: Clock) -> AsyncIterator[Daraja]:
    """The server, at the test's time."""
    server = DarajaSandbox("key", "secret", "174379", "passkey", now=clock.now)
    server.pay_phones(short_code="600000", initiator="api-operator", password="operator-password", key=sandbox_key())
    runner, url = await _listening(server.application())
    try:
        yield Daraja(url, server, runner.cleanup)
    finally:
        await runner.cleanup()
