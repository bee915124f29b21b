"""What a subscription can hear besides events."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeAlias, TypeVar

from db.streams import Position
from domain.streams import GapCause
from realtime.envelope import Envelope

S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Snapshot(Generic[S]):
    """The state of the subject; every event after `head` follows."""

    state: S
    head: Position


@dataclass(frozen=True, slots=True)
class Gap:
    """Events are missing here. What was not lost comes after `resume_from`."""

    cause: GapCause
    resume_from: Position


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Nothing happened; everything up to `head` was told."""

    head: Position


Item: TypeAlias = Envelope | Snapshot[S] | Gap | Heartbeat
