"""The sandbox as resolvers drive it: our clock, and the servers that stand in for providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.sandbox_clock import HouseClock
from app.wiring import Wiring
from domain.payments.state import Rail
from domain.sandbox import no_stand_in
from integrations.sandbox.driving import DarajaDriver, ServerDriver


@dataclass(frozen=True, slots=True)
class HouseSandbox:
    """See the port `Sandbox`."""

    clock: HouseClock
    mpesa: DarajaDriver | None
    servers: Mapping[Rail, ServerDriver]

    async def take_down(self, rail: Rail, duration: timedelta) -> None:
        if rail not in self.servers:
            raise no_stand_in()
        await self.servers[rail].go_down(duration)

    async def advance_clock(self, step: timedelta) -> None:
        await self.clock.advance(step)
        for server in self.servers.values():
            await server.be_ahead(self.clock.ahead)


def sandbox_of(wiring: Wiring) -> HouseSandbox | None:
    """What may be driven here; None where real money moves."""
    if wiring.house_clock is None:
        return None
    settings, servers = wiring.settings, dict[Rail, ServerDriver]()
    mpesa = DarajaDriver(settings.mpesa_url) if settings.mpesa_url else None
    if mpesa is not None:
        servers[Rail.MPESA] = mpesa
    if settings.stripe_url:
        servers[Rail.CARD] = ServerDriver(settings.stripe_url)
    if settings.paypal_url:
        servers[Rail.PAYPAL] = ServerDriver(settings.paypal_url)
    return HouseSandbox(wiring.house_clock, mpesa, servers)
