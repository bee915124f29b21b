"""What a rail tells of a payout by itself: at an address of its own for each payout, kept as it came, then taken in."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol
from uuid import UUID

from domain.ids import PayoutId
from domain.money import Money
from domain.payouts.outcome import Outcome

_PURPOSE: Final = "payout callback"
_SEAL_BYTES: Final = 24
_ID_BYTES: Final = 16


class PayoutCallbackKind(StrEnum):
    """What is being told."""

    RESULT = "RESULT"
    """What became of the payout."""
    STATUS = "STATUS"
    """The answer to a question of ours."""
    TIMEOUT = "TIMEOUT"
    """The rail did not come round to it in time; it may yet be paid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RailWord:
    """What a callback says: `sent_as` is our name for the payout, where it is told. A success tells how much and whose
    phone, in the rail's spelling (`2547XXXXXXXX`).
    """

    outcome: Outcome
    sent_as: str | None
    amount: Money | None = None
    phone: str | None = None

    def __repr__(self) -> str:
        return f"RailWord({self.sent_as}, {self.outcome})"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedPayoutCallback:
    """A callback that is ours to take in until the lease ends. `attempt` counts this one and names the claim."""

    id: UUID
    attempt: int
    payout_id: PayoutId
    kind: PayoutCallbackKind
    body: bytes
    received_at: datetime
    request_id: str

    def __repr__(self) -> str:
        return f"ClaimedPayoutCallback({self.id}, {self.payout_id})"


class KeyedDigests(Protocol):
    """Digests that nobody makes without the key."""

    def digest(self, purpose: str, *parts: str) -> bytes:
        """32 bytes for these parts."""
        ...


def token_of(payout_id: PayoutId, secrets: KeyedDigests) -> str:
    """The last part of the address that a rail tells about this payout at: 192 bits of it nobody can guess. In
    hexadecimal digits: other letters would now and then spell a word that Daraja refuses in an address.
    """
    return (payout_id.bytes + _seal(payout_id, secrets)).hex()


def payout_of(token: str, secrets: KeyedDigests) -> PayoutId | None:
    """Whose token it is; None when it is none of ours."""
    try:
        raw = bytes.fromhex(token)
    except ValueError:
        return None
    if len(raw) != _ID_BYTES + _SEAL_BYTES:
        return None
    payout_id = PayoutId(UUID(bytes=raw[:_ID_BYTES]))
    return payout_id if hmac.compare_digest(raw[_ID_BYTES:], _seal(payout_id, secrets)) else None


def _seal(payout_id: PayoutId, secrets: KeyedDigests) -> bytes:
    return secrets.digest(_PURPOSE, payout_id.hex)[:_SEAL_BYTES]
