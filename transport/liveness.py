"""Peers that are gone without a word, or do not read what waits for them, are let go."""

from __future__ import annotations

import asyncio
import math
from dataclasses import dataclass
from typing import Final, Protocol

SWEEP_SECONDS_MIN: Final = 0.05
# Sockets by the thousand look at the same instants, or each would wake the process for itself.
ROUND_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a peer may keep still."""

    silent_seconds: float = 20.0
    """Then it is pinged."""
    answer_seconds: float = 10.0
    """Then it is gone."""
    stalled_seconds: float = 20.0
    """Not reading for as long, it is gone as well."""


class Peer(Protocol):
    """Somebody at the other end."""

    def ping(self) -> None:
        """Ask for a sign of life."""
        ...

    def abort(self) -> None:
        """Let go of it, and of what is on its way."""
        ...


class Liveness:
    """What is known of one peer. It looks again when something may be due."""

    __slots__ = (
        "_farewell",
        "_heard_at",
        "_loop",
        "_patience",
        "_peer",
        "_pinged_at",
        "_stalled_at",
        "_sweeper",
        "is_stalled",
    )

    def __init__(self, peer: Peer, patience: Patience, loop: asyncio.AbstractEventLoop) -> None:
        self._peer: Peer | None = peer
        self._patience, self._loop = patience, loop
        self.is_stalled = False
        """Whether it does not read: what is written now would only pile up."""
        self._stalled_at: float | None = None
        self._pinged_at: float | None = None
        self._heard_at = loop.time()
        self._sweeper: asyncio.TimerHandle | None = None
        self._farewell: asyncio.TimerHandle | None = None

    def heard(self) -> None:
        """It sent something."""
        self._heard_at, self._pinged_at = self._loop.time(), None

    def stalled(self) -> None:
        """It reads more slowly than it is written to."""
        self.is_stalled, self._stalled_at = True, self._loop.time()
        if self._sweeper is not None and self._sweeper.when() > self._due():
            self._stop_sweeping()
            self.watch()

    def drained(self) -> None:
        """It has caught up, which is a sign of life as well."""
        self.is_stalled, self._stalled_at = False, None
        self.heard()

    def watch(self) -> None:
        """Look when the next of the reasons may be due."""
        self._sweeper = self._loop.call_at(self._due(), self._sweep)

    def close_within(self, seconds: float) -> None:
        """It was said goodbye to, and is waited for no longer."""
        self._stop_sweeping()
        if self._peer is not None:
            self._farewell = self._loop.call_later(seconds, self._peer.abort)

    def end(self) -> None:
        """It is gone."""
        self._peer = None
        self._stop_sweeping()
        if self._farewell is not None:
            self._farewell.cancel()
            self._farewell = None

    def _due(self) -> float:
        patience = self._patience
        if self._stalled_at is not None:
            due = self._stalled_at + patience.stalled_seconds
        elif self._pinged_at is not None:
            due = self._pinged_at + patience.answer_seconds
        else:
            due = self._heard_at + patience.silent_seconds
        at = max(due, self._loop.time() + SWEEP_SECONDS_MIN)
        return math.ceil(at / ROUND_SECONDS) * ROUND_SECONDS

    def _stop_sweeping(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            self._sweeper = None

    def _sweep(self) -> None:
        self._sweeper = None  # a ping may find the peer stalled, and it is watched again below
        if self._peer is None:
            return
        now, patience = self._loop.time(), self._patience
        # Of a client that does not read nothing is read either, so its silence says nothing.
        since, allowed = (
            (self._stalled_at, patience.stalled_seconds)
            if self.is_stalled
            else (self._pinged_at, patience.answer_seconds)
        )
        if since is not None and now - since >= allowed:
            self._peer.abort()
            return
        if since is None and now - self._heard_at >= patience.silent_seconds:
            self._pinged_at = now
            self._peer.ping()
        self.watch()
