"""The sandbox as resolvers drive it: our clock, and the servers that stand in for providers."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from app.sandbox_clock import HouseClock
from app.wiring import Wiring
from domain.payments.state import Rail
from domain.sandbox import no_stand_in
from integrations.sandbox.driving import DarajaDriver, ServerDriver, StripeDriver


@dataclass(frozen=True, slots=True)
class HouseSandbox:
    """See the port `Sandbox`."""

    clock: HouseClock
    mpesa: DarajaDriver | None
    cards: StripeDriver | None
    servers: Mapping[Rail, ServerDriver]

    async def take_down(self, rail: Rail, duration: timedelta) -> None:
        if rail not in self.servers:
            raise no_stand_in()
        await self.servers[rail].go_down(duration)

    async def advance_clock(self, step: timedelta) -> None:
        await self.clock.advance(step)
        told = (server.be_ahead(self.clock.ahead) for server in self.servers.values())
        # All of them are told, also where one does not answer.
        for fault in await asyncio.gather(*told, return_exceptions=True):
            if fault is not None:
                raise fault


def sandbox_of(wiring: Wiring) -> HouseSandbox | None:
    """What may be driven here; None where real money moves."""
    if wiring.house_clock is None:
        return None
    settings = wiring.settings
    mpesa = DarajaDriver(settings.mpesa_url) if settings.mpesa_url else None
    cards = StripeDriver(settings.stripe_url) if settings.stripe_url else None
    paypal = ServerDriver(settings.paypal_url) if settings.paypal_url else None
    razorpay = ServerDriver(settings.razorpay_url) if settings.razorpay_url else None
    servers: dict[Rail, ServerDriver | None] = {
        Rail.MPESA: mpesa,
        Rail.CARD: cards,
        Rail.PAYPAL: paypal,
        Rail.RAZORPAY: razorpay,
    }
    there = {rail: server for rail, server in servers.items() if server is not None}
    return HouseSandbox(wiring.house_clock, mpesa, cards, there)
