"""Callbacks of acquirers: kept as they were signed, then taken in."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.payments.state import Rail


@dataclass(frozen=True, slots=True, kw_only=True)
class AcquirerCallback:
    """A callback that is ours to take in until the lease ends. `attempt` counts this one and names the claim."""

    id: UUID
    attempt: int
    rail: Rail
    event_id: str
    body: bytes
    request_id: str

    def __repr__(self) -> str:
        return f"AcquirerCallback({self.rail}, {self.event_id})"
