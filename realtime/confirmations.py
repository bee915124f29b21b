"""Which subscriptions the server still has to confirm, and who waits for that."""

from __future__ import annotations

import asyncio


class Confirmations:
    """Counts orders and answers per channel: only the last order's answer says that we are on the channel."""

    def __init__(self) -> None:
        self._outstanding: dict[str, int] = {}
        self._done: dict[str, asyncio.Event] = {}

    def expect(self, channel: str) -> None:
        """One more answer is to come."""
        self._outstanding[channel] = self._outstanding.get(channel, 0) + 1
        self._done.setdefault(channel, asyncio.Event())

    def arrived(self, channel: str) -> None:
        """An answer came."""
        self._outstanding[channel] = self._outstanding.get(channel, 0) - 1
        if self._outstanding[channel] <= 0:
            del self._outstanding[channel]
            if done := self._done.pop(channel, None):
                done.set()

    def give_up_on(self, channel: str) -> None:
        """No answer about this channel will come any more."""
        self._outstanding.pop(channel, None)
        if done := self._done.pop(channel, None):
            done.set()

    def give_up(self) -> None:
        """No answer will come any more; nobody waits on."""
        for done in self._done.values():
            done.set()
        self._outstanding.clear()
        self._done.clear()

    async def wait(self, channel: str) -> None:
        """Return when nothing is outstanding for the channel."""
        if done := self._done.get(channel):
            await done.wait()
