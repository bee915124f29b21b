"""Whose access ended lately, remembered in every process for as long as a token could still claim it."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from domain.clock import Clock
from domain.identity.access import ACCESS_LIFETIME, AccessChange
from domain.ids import SessionId, UserId
from realtime.channels import ACCESS
from realtime.hub import Hub
from realtime.metrics import RealtimeMetrics

REFRESH_SECONDS: Final = 0.75
OVERLAP: Final = timedelta(minutes=1)
MEMORY: Final = ACCESS_LIFETIME + OVERLAP

ReadChanges = Callable[[datetime], Awaitable[Sequence[AccessChange]]]

_log = logging.getLogger(__name__)


class Revocations:
    """Read from the database at the start, every `REFRESH_SECONDS`, and at once when an event says that something
    ended: without relay or Redis it takes a moment longer, not for ever.

    Each reading goes back a minute before the last one, for transactions that commit late and clocks that differ.
    """

    def __init__(self, read: ReadChanges, *, clock: Clock, metrics: RealtimeMetrics) -> None:
        self._read, self._clock, self._metrics = read, clock, metrics
        self._read_until: datetime | None = None
        self._sessions: dict[SessionId, datetime] = {}
        self._generations: dict[UserId, tuple[int, datetime]] = {}
        self._told: list[Callable[[Sequence[AccessChange]], None]] = []

    def is_revoked(self, *, user_id: UserId, session_id: SessionId, generation: int) -> bool:
        """Whether a token with these claims is worth nothing any more."""
        valid_from, _ = self._generations.get(user_id, (generation, None))
        return session_id in self._sessions or generation < valid_from

    def tell(self, listener: Callable[[Sequence[AccessChange]], None]) -> None:
        """Call `listener` with what ended, each time something was read; the same more than once."""
        self._told.append(listener)

    async def refresh(self) -> None:
        """Read what ended since the last reading. To be done once before the first request is answered."""
        now = self._clock.now()
        changes = await self._read((self._read_until or now - ACCESS_LIFETIME) - OVERLAP)
        self._read_until = now
        for change in changes:
            self._remember(change, now + MEMORY)
        self._forget(now)
        for listener in self._told:
            listener(changes)

    async def run(self, hub: Hub) -> None:
        """Keep reading until cancelled."""
        async with hub.listening(ACCESS) as listener:
            while True:
                await listener.next(timeout_seconds=REFRESH_SECONDS)
                listener.forget()
                try:
                    await self.refresh()
                except Exception:  # a loop outlives every fault of the database; the next reading reaches as far back
                    _log.exception("ended access could not be read")

    def _remember(self, change: AccessChange, until: datetime) -> None:
        if change.session_id is not None:
            self._sessions[change.session_id] = until
        if change.generation is not None:
            known, _ = self._generations.get(change.user_id, (0, until))
            self._generations[change.user_id] = (max(known, change.generation), until)

    def _forget(self, now: datetime) -> None:
        for session in [session for session, until in self._sessions.items() if until < now]:
            del self._sessions[session]
        for user in [user for user, (_, until) in self._generations.items() if until < now]:
            del self._generations[user]
        self._metrics.revocations.set(len(self._sessions) + len(self._generations))
