"""Callbacks of providers: kept as they came and answered at once, then taken in one by one, whoever's they are."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol, TypeVar

C = TypeVar("C")


class CallbackState(StrEnum):
    """What became of a callback."""

    WAITING = "WAITING"
    TAKEN = "TAKEN"
    REFUSED = "REFUSED"
    DEAD = "DEAD"


class UnreadableCallback(Exception):
    """A callback that does not have the form agreed."""


class CallbackInbox(Protocol[C]):
    """Callbacks of one kind, as they came, waiting to be taken in."""

    async def claim_due(self, *, limit: int, lease_seconds: int) -> list[C]:
        """Callbacks that are due, ours until the lease ends."""
        ...

    async def note_taken(self, callback: C, *, outcome: str) -> None:
        """What it said was noted."""
        ...

    async def note_refused(self, callback: C, *, outcome: str) -> None:
        """It does not fit our record; nothing happened because of it."""
        ...

    async def note_failed(self, callback: C) -> None:
        """It could not be taken in; try again later, each time twice as late, or lay it aside after the last time."""
        ...
