"""The sockets of this process, by person: closed when the access they were opened with ends."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Final, Protocol, Self

from domain.clock import Clock
from domain.identity.access import AccessChange, AccessClaims
from domain.ids import UserId
from realtime.metrics import RealtimeMetrics
from realtime.revocations import Revocations

CLOSE_CODE: Final = 4403
EXPIRED: Final = "token expired"
ENDED: Final = "access ended"
GRACE_SECONDS: Final = 0.2
CLOSING_SECONDS_MAX: Final = 5.0

_log = logging.getLogger(__name__)


class Socket(Protocol):
    """A connection that a person holds open."""

    async def close(self, code: int, reason: str) -> None:
        """End it; harmless when it has ended."""
        ...


class Presence:
    """Closes a socket when its token expires, when its session ends, and when its person's tokens are called in.

    It waits `GRACE_SECONDS` before, so that the event that says why arrives first.
    """

    def __init__(self, revocations: Revocations, *, clock: Clock, metrics: RealtimeMetrics) -> None:
        self._revocations, self._clock, self._metrics = revocations, clock, metrics
        self._sockets: dict[UserId, dict[Socket, AccessClaims]] = {}
        self._timers: dict[Socket, asyncio.TimerHandle] = {}
        self._closing: set[asyncio.Task[None]] = set()
        revocations.tell(self._enforce)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        for timer in self._timers.values():
            timer.cancel()
        await asyncio.gather(*self._closing, return_exceptions=True)

    def register(self, socket: Socket, claims: AccessClaims) -> None:
        """A socket was opened with these claims. What ended meanwhile ends it too."""
        self._sockets.setdefault(claims.user_id, {})[socket] = claims
        self._end_in_time(socket, claims)
        if self._is_revoked(claims):
            self._end(socket, claims, ENDED, 0.0)

    def unregister(self, socket: Socket, claims: AccessClaims) -> None:
        """The socket was closed, by whomever."""
        if timer := self._timers.pop(socket, None):
            timer.cancel()
        sockets = self._sockets.get(claims.user_id, {})
        sockets.pop(socket, None)
        if not sockets:
            self._sockets.pop(claims.user_id, None)

    def clock_moved(self) -> None:
        """Time was moved on: tokens expire earlier than their timers were set for."""
        for sockets in tuple(self._sockets.values()):
            for socket, claims in tuple(sockets.items()):
                self._timers[socket].cancel()
                self._end_in_time(socket, claims)

    def _end_in_time(self, socket: Socket, claims: AccessClaims) -> None:
        left_seconds = (claims.expires_at - self._clock.now()).total_seconds()
        later = asyncio.get_running_loop().call_later
        self._timers[socket] = later(max(0.0, left_seconds), self._end, socket, claims, EXPIRED, 0.0)

    def _enforce(self, changes: Sequence[AccessChange]) -> None:
        for change in changes:
            for socket, claims in tuple(self._sockets.get(change.user_id, {}).items()):
                if self._is_revoked(claims):
                    self._end(socket, claims, f"{ENDED}: {change.reason.lower().replace('_', ' ')}", GRACE_SECONDS)

    def _is_revoked(self, claims: AccessClaims) -> bool:
        return self._revocations.is_revoked(
            user_id=claims.user_id, session_id=claims.session_id, generation=claims.generation
        )

    def _end(self, socket: Socket, claims: AccessClaims, reason: str, grace_seconds: float) -> None:
        self.unregister(socket, claims)
        self._metrics.forced_closes.inc()
        task = asyncio.create_task(self._close(socket, reason, grace_seconds), name="closing a socket")
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close(self, socket: Socket, reason: str, grace_seconds: float) -> None:
        await asyncio.sleep(grace_seconds)
        try:
            async with asyncio.timeout(CLOSING_SECONDS_MAX):
                await socket.close(CLOSE_CODE, reason)
        except (TimeoutError, OSError, RuntimeError) as fault:
            _log.warning("a socket did not close in time: %r", fault)
