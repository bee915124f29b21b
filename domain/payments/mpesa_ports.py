"""What payments by M-Pesa ask of their storage."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ids import PaymentId
from domain.payments.callback_inbox import CallbackInbox
from domain.payments.intent import PaymentIntent
from domain.payments.mpesa_callback import ClaimedCallback
from domain.payments.mpesa_request import MpesaRequest


class MpesaRequests(Protocol):
    """Prompts, loaded for change. Their intents are locked before them."""

    async def add(self, request: MpesaRequest) -> None:
        """Keep what belongs to a new intent."""
        ...

    async def get_for_update(self, payment_id: PaymentId) -> MpesaRequest:
        """What belongs to an intent by M-Pesa, locked."""
        ...

    async def asked_at(self, phone: str, *, since: datetime) -> list[datetime]:
        """When payments of this phone were asked for since then, the earliest first. Whoever else asks it waits."""
        ...

    async def to_push(self, *, limit: int) -> list[tuple[PaymentIntent, MpesaRequest]]:
        """Waiting ones that are due, of intents that have not ended, both locked; what others hold is left out."""
        ...

    async def to_give_up(self, *, limit: int) -> list[MpesaRequest]:
        """Locked: those that were being sent when their lease ended, and waiting ones whose intent has ended."""
        ...

    async def to_query(self, *, limit: int) -> list[MpesaRequest]:
        """Those whose next query is due, locked; what others hold is left out."""
        ...

    async def payment_of_checkout(self, checkout_request_id: str) -> PaymentId | None:
        """Whose checkout it is."""
        ...

    async def payment_of_receipt(self, receipt: str) -> PaymentId | None:
        """Whose receipt of M-Pesa it is."""
        ...


class MpesaCallbacks(CallbackInbox[ClaimedCallback], Protocol):
    """Callbacks of M-Pesa about prompts."""
