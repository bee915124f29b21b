"""Who may have a connection for a command now.

The pool gives a connection to whoever asks at the moment that one is free, not to who waits longest; and the commands
of one person wait for each other on that person's wallet while each holds a connection.
"""

from __future__ import annotations

import asyncio
from typing import Final

from domain.errors import Overloaded

WIDTH: Final = 4
"""How many commands of one person are under way at once: enough that one is ready while another commits."""
KEPT_FREE: Final = 2
"""Connections that commands leave to reads and jobs."""


class Lanes:
    """Commands come in the order of asking, and no person's more than `WIDTH` at once; the others wait for nothing
    but their turn. Commands of nobody in particular are counted together with the rest only. Convoys that wait for one
    account are counted as the commands of one person are.
    """

    def __init__(self, *, connections: int, wait_seconds: float) -> None:
        self._wait_seconds = wait_seconds
        self._connections = asyncio.Semaphore(max(1, connections - KEPT_FREE))
        self._lanes: dict[str, _Lane] = {}

    async def enter(self, person: str | None) -> None:
        """Wait for one's turn; `leave` follows.

        Raises:
            Overloaded: it did not come in time.
        """
        if person is None:
            await self._wait(self._connections)
            return
        lane = self._lanes.setdefault(person, _Lane())
        lane.users += 1
        try:
            await self._wait(lane.turns)
        except BaseException:
            self._forget(person, lane)
            raise
        try:
            await self._wait(self._connections)
        except BaseException:
            lane.turns.release()
            self._forget(person, lane)
            raise

    def leave(self, person: str | None) -> None:
        """Let the next one in."""
        self._connections.release()
        if person is not None:
            lane = self._lanes[person]
            lane.turns.release()
            self._forget(person, lane)

    async def _wait(self, turns: asyncio.Semaphore) -> None:
        if not turns.locked():  # nearly always; a time limit costs more than the turn
            await turns.acquire()
            return
        try:
            async with asyncio.timeout(self._wait_seconds):
                await turns.acquire()
        except TimeoutError:
            raise Overloaded from None

    def _forget(self, person: str, lane: _Lane) -> None:
        lane.users -= 1
        if lane.users == 0:
            del self._lanes[person]


class _Lane:
    """One person's commands, those that wait included."""

    __slots__ = ("turns", "users")

    def __init__(self) -> None:
        self.turns = asyncio.Semaphore(WIDTH)
        self.users = 0
