"""What workers are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Event
from domain.ids import IdKind, TipId, TipQrId, UserId, WorkerId, encode_id
from domain.money import Money


@dataclass(frozen=True, kw_only=True)
class TipGiven(Event):
    """Somebody tipped the worker. Who it was is theirs to say in the note."""

    name: ClassVar[str] = "tip.given"

    tip_id: TipId
    worker_id: WorkerId
    worker_user_id: UserId
    amount: Money
    note: str | None
    qr_id: TipQrId | None

    @property
    def subject(self) -> str:
        """The worker: their tips keep their order."""
        return encode_id(IdKind.WORKER, self.worker_id)
