"""What payments by acquirers ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.ids import PaymentId
from domain.payments.acquirer_callback import AcquirerCallback
from domain.payments.callback_inbox import CallbackInbox
from domain.payments.checkout import Checkout
from domain.payments.dispute import Dispute
from domain.payments.intent import PaymentIntent
from domain.payments.state import Rail


class Checkouts(Protocol):
    """Payments as their acquirers know them, loaded for change. Their intents are locked before them."""

    async def add(self, checkout: Checkout) -> None:
        """Keep what belongs to a new intent."""
        ...

    async def get_for_update(self, payment_id: PaymentId) -> Checkout:
        """What belongs to an intent of a rail that has an acquirer, locked."""
        ...

    async def due(self, *, limit: int) -> list[tuple[PaymentIntent, Checkout]]:
        """Those whose acquirer is to be asked now, both locked; what others hold is left out."""
        ...

    async def to_close(self, *, limit: int) -> list[Checkout]:
        """Those whose intent has ended and that are not being closed, locked; what others hold is left out."""
        ...

    async def payment_of_provider_id(self, rail: Rail, provider_id: str) -> PaymentId | None:
        """Whose checkout it is, by the acquirer's name for it."""
        ...

    async def payment_of_reference(self, rail: Rail, reference: str) -> PaymentId | None:
        """Whose checkout it is, by our reference."""
        ...


class AcquirerCallbacks(CallbackInbox[AcquirerCallback], Protocol):
    """Callbacks that acquirers signed."""


class Disputes(Protocol):
    """What payers' banks ask back."""

    async def find_for_update(self, rail: Rail, provider_id: str) -> Dispute | None:
        """By the acquirer's own number, locked."""
        ...

    async def add(self, dispute: Dispute) -> None:
        """Keep a new one."""
        ...
