"""What payments ask of their storage."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.ids import PaymentId, UserId
from domain.payments.bank_transfer import BankTransfer
from domain.payments.intent import PaymentIntent, Receipt
from domain.payments.state import Rail


class Payments(Protocol):
    """Payment intents, loaded for change."""

    async def get_for_update(self, payment_id: PaymentId) -> PaymentIntent:
        """The intent, its row locked.

        Raises:
            PaymentNotFound: there is none.
        """
        ...

    async def add(self, intent: PaymentIntent) -> None:
        """Keep a new intent."""
        ...

    async def add_receipt(self, receipt: Receipt, *, at: datetime) -> bool:
        """Keep a receipt; False when it was kept before, for the same payment.

        Raises:
            ReceiptAlreadyUsed: it was kept for another payment.
        """
        ...

    async def payment_of_receipt(self, rail: Rail, number: str) -> PaymentId | None:
        """What the money of a receipt was used for."""
        ...

    async def open_count(self, payer_id: UserId) -> int:
        """How many of the payer's intents have not ended. The payer's other requests wait from here until this command
        ends.
        """
        ...

    async def overdue(self, *, limit: int) -> list[PaymentIntent]:
        """Open intents whose time is over and that wait for nobody but their payer – not for finance, nor for the word
        of M-Pesa or of an acquirer –, the longest overdue first, locked; what another command holds is left out.
        """
        ...

    async def bank_transfer(self, payment_id: PaymentId) -> BankTransfer:
        """What belongs to an intent by bank transfer, once that is locked."""
        ...

    async def add_bank_transfer(self, transfer: BankTransfer) -> None:
        """Keep what belongs to a new intent."""
        ...
