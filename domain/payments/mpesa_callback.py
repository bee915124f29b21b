"""Callbacks of M-Pesa: kept as they came, then taken in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.ids import PaymentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCallback:
    """A callback that is ours to take in until the lease ends. `attempt` counts this one and names the claim."""

    id: UUID
    attempt: int
    payment_id: PaymentId
    body: bytes
    request_id: str

    def __repr__(self) -> str:
        return f"ClaimedCallback({self.id}, {self.payment_id})"
