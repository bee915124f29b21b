"""A confirmation: what an e-mail tells of one payout or one refund."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from domain.ids import UserId
from domain.localized import LocalizedText
from domain.money import Money


class ConfirmationKind(StrEnum):
    """What is told."""

    PAYOUT = "PAYOUT"
    """A payout was paid."""
    REFUND = "REFUND"
    """A price, or a part of it, was given back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Confirmation:
    """What is told to whom, once. `about` is the payout's or the refund's public id, `detail` the rail's number or the
    reason, `place` the end of where it went or the order.
    """

    kind: ConfirmationKind
    subject_id: UUID
    about: str
    user_id: UserId
    email: str | None
    language: str
    amount: Money
    detail: str
    place: str
    happened_at: datetime

    @property
    def text(self) -> str:
        """The whole of it in the person's language; its first line is what it is about."""
        return (
            _TEXTS[self.kind]
            .in_language(self.language)
            .format(
                amount=f"{self.amount.amount} {self.amount.asset.code}",
                about=self.about,
                detail=self.detail,
                place=self.place,
                at=f"{self.happened_at:%Y-%m-%d %H:%M} UTC",
            )
        )


class Confirmations(Protocol):
    """What was told, and what is to be."""

    async def take_due(self, *, since: datetime, limit: int) -> list[Confirmation]:
        """What happened after `since` and was not told, the longest ago first, noted as told in this commit; whoever
        asks as well is given the others.
        """
        ...


_TEXTS: Final = {
    ConfirmationKind.PAYOUT: LocalizedText(
        {
            "en": (
                "{amount} was paid out\n\n{amount} left for your account {place} on {at}.\n"
                "Receipt number: {detail}\nPayout: {about}\n\nIf this was not you, call us."
            ),
            "sw": (
                "{amount} zimelipwa\n\n{amount} zimetumwa kwenye akaunti yako {place} tarehe {at}.\n"
                "Nambari ya risiti: {detail}\nMalipo: {about}\n\nKama si wewe, tupigie simu."
            ),
        }
    ),
    ConfirmationKind.REFUND: LocalizedText(
        {
            "en": (
                "{amount} was given back\n\n{amount} of your order {place} came back into your wallet on {at}.\n"
                "Reason: {detail}\nRefund: {about}"
            ),
            "sw": (
                "{amount} zimerudishwa\n\n{amount} za oda yako {place} zimerudi kwenye pochi yako tarehe {at}.\n"
                "Sababu: {detail}\nMarejesho: {about}"
            ),
        }
    ),
}
