"""A worker: somebody who receives tips, and where they are found."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.geo import Point
from domain.ids import IdKind, UserId, WorkerId, encode_id


@dataclass(eq=False, kw_only=True)
class Worker:
    """One person's profile for those who tip; one at most. `is_active` is theirs to switch."""

    id: WorkerId
    user_id: UserId
    name: str
    trade: str
    place_name: str
    place: Point
    is_active: bool = True
    registered_at: datetime
    version: int = 0

    @property
    def label(self) -> str:
        """Its public id."""
        return encode_id(IdKind.WORKER, self.id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tipped:
    """A worker as they are, with whether they may receive: they have a wallet, and are not shut out."""

    worker: Worker
    may_receive: bool
