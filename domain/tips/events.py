"""What workers are told, and those who tip them."""

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


@dataclass(frozen=True, kw_only=True)
class TipUpdated(Event):
    """A tip that is paid by a rail, as it is from then on. Its worker hears of it once it is paid, as TipGiven."""

    name: ClassVar[str] = "tip.updated"

    tip_id: TipId
    giver_id: UserId
    worker_id: WorkerId
    amount: Money
    state: str
    failure: str | None
    tip_version: int

    @property
    def subject(self) -> str:
        """The tip."""
        return encode_id(IdKind.TIP, self.tip_id)
