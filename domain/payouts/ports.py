"""What payouts ask of their storage and of their rails."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ids import PayoutId, UserId
from domain.money import Asset
from domain.payments.callback_inbox import CallbackInbox
from domain.payouts.callback import ClaimedPayoutCallback, PayoutCallbackKind, RailWord
from domain.payouts.outcome import Outcome
from domain.payouts.payout import Payout
from domain.payouts.rail_pause import RailPause
from domain.payouts.state import PayoutRail


class Payouts(Protocol):
    """Payouts, loaded for change."""

    async def get_for_update(self, payout_id: PayoutId) -> Payout:
        """The payout, its row locked.

        Raises:
            PayoutNotFound: there is none.
        """
        ...

    async def find_sent_for_update(self, rail: PayoutRail, name: str) -> Payout | None:
        """The payout that this rail knows by this name, its row locked."""
        ...

    async def requested_since(self, owner_id: UserId, *, since: datetime) -> list[Payout]:
        """The person's payouts requested after `since` that were not rejected, did not fail and did not come back. The
        person's other requests wait from here until this command ends.
        """
        ...

    async def add(self, payout: Payout) -> None:
        """Keep a new payout."""
        ...

    async def use_receipt(self, payout: Payout, number: str) -> None:
        """Keep the rail's number, as `domain.text.printed_number` writes it, as this payout's for good.

        Raises:
            PayoutReceiptUsed: it is another payout's of this rail.
        """
        ...

    async def owner_of_receipt(self, rail: PayoutRail, number: str) -> PayoutId | None:
        """Which payout the rail's number, as it was told, has settled."""
        ...

    async def claim_approved(self, rail: PayoutRail, *, asset: Asset | None = None, limit: int) -> list[Payout]:
        """Approved payouts of a rail, in any asset or in one, the longest waiting first, locked. What another command
        holds is left out, and so are those of people who are shut out.
        """
        ...

    async def approved_of_blocked(self, *, limit: int) -> list[Payout]:
        """Approved payouts of people who are shut out for good, locked; what another command holds is left out."""
        ...

    async def under_way(self, rail: PayoutRail, *, before: datetime, limit: int) -> list[Payout]:
        """Those that were sent, or last asked about, before this instant, the longest ago first; locked, and noted as
        asked about now; what another command holds is left out.
        """
        ...


class RailPauses(Protocol):
    """Rails that are left alone."""

    async def standing(self, rail: PayoutRail) -> RailPause | None:
        """The rail's pause, if it has not ended."""
        ...

    async def standing_for_update(self, rail: PayoutRail) -> RailPause | None:
        """The same; whoever else asks waits until this command ends."""
        ...

    async def put(self, pause: RailPause) -> None:
        """This pause in place of any other of its rail."""
        ...

    async def lift(self, rail: PayoutRail) -> None:
        """No pause any more."""
        ...


class PayoutCallbacks(CallbackInbox[ClaimedPayoutCallback], Protocol):
    """What rails told of payouts by themselves."""


class PayoutSender(Protocol):
    """A rail that pays by itself. Asked outside every transaction."""

    async def send(self, payout: Payout, *, destination: str) -> Outcome:
        """Pay, under the name `payout.sent_as`, which it pays once however often it is asked."""
        ...

    async def ask(self, payout: Payout, *, destination: str) -> Outcome:
        """What became of it, or Unknown when the answer comes by a callback."""
        ...


class CallbackReader(Protocol):
    """Reads what a rail tells by itself."""

    def read(self, kind: PayoutCallbackKind, body: bytes) -> RailWord:
        """What it says.

        Raises:
            UnreadableCallback: it does not have the form agreed.
        """
        ...
