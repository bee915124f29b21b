"""Changed settings are forgotten by every process at once."""

from __future__ import annotations

from realtime.channels import SETTINGS
from realtime.envelope import Envelope
from realtime.hub import Hub
from realtime.listener import Signal
from resolvers.settings_cache import SettingsCache

POLL_SECONDS = 60.0
EVERYTHING = ("*",)


async def watch_settings(hub: Hub, remembered: SettingsCache) -> None:
    """Bust the cache for what an event names; for everything when events may have passed by."""
    async with hub.listening(SETTINGS) as listener:
        while True:
            heard = await listener.next(timeout_seconds=POLL_SECONDS)
            if isinstance(heard, Envelope):
                remembered.bust(EVERYTHING)
            elif heard is not Signal.SILENCE:
                listener.forget()
                remembered.bust(EVERYTHING)
