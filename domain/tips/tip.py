"""A tip: what a customer gave a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.ids import IdKind, TipId, TipQrId, UserId, WorkerId, encode_id
from domain.money import Money
from domain.tips.events import TipGiven


@dataclass(eq=False, kw_only=True)
class Tip:
    """Paid from a wallet to a wallet, all of it the worker's."""

    id: TipId
    giver_id: UserId
    worker_id: WorkerId
    worker_user_id: UserId
    qr_id: TipQrId | None
    amount: Money
    note: str | None
    given_at: datetime

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.TIP, self.id)

    @property
    def reference(self) -> str:
        """The natural key of its transfer."""
        return f"tip:{self.label}:completed"

    @property
    def given(self) -> TipGiven:
        """For its worker."""
        return TipGiven(
            tip_id=self.id,
            worker_id=self.worker_id,
            worker_user_id=self.worker_user_id,
            amount=self.amount,
            note=self.note,
            qr_id=self.qr_id,
        )
