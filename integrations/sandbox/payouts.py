"""Payouts of the sandbox: they go nowhere, and their destination says how they end."""

from __future__ import annotations

from domain.payouts.outcome import Failed, Outcome, Paid, Unknown
from domain.payouts.payout import Payout


class SandboxPayouts:
    """See the port. A destination that holds `refuse` fails; one that holds `lost` is unknown until it is asked about
    and turns out to be paid; every other is paid at once.
    """

    async def send(self, payout: Payout, *, destination: str) -> Outcome:
        """As the destination says."""
        return Unknown() if "lost" in destination else await self.ask(payout, destination=destination)

    async def ask(self, payout: Payout, *, destination: str) -> Outcome:
        """As the destination says."""
        if "refuse" in destination:
            return Failed("SANDBOX_REFUSED")
        return Paid(f"SANDBOX-{payout.sent_as}")
