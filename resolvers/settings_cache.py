"""What a process remembers of settings and flags, until an event says that they changed or five minutes are over."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Final

from db.engine import Database
from db.reads.settings import all_flags, all_settings
from domain.settings.flags import FeatureFlag
from domain.settings.platform_settings import PlatformSetting
from resolvers.category_memory import CategoryMemory

LIFETIME_SECONDS: Final = 300.0


@dataclass(frozen=True, slots=True)
class RememberedSettings:
    """Every setting by its key, and every flag, as they were read together."""

    settings: Mapping[str, PlatformSetting]
    flags: tuple[FeatureFlag, ...]


class SettingsCache:
    """One per process. A change is seen at once where the event arrives, and after five minutes everywhere.

    Categories are told by the same events, so they are forgotten with the settings.
    """

    def __init__(self, database: Database, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._remembered: RememberedSettings | None = None
        self._read_at = 0.0
        self._generation = 0
        self._reading = asyncio.Lock()
        self.categories = CategoryMemory(database, monotonic=monotonic)
        self._when_busted: list[Callable[[], object]] = []

    def when_busted(self, call: Callable[[], object]) -> None:
        """Call this too whenever something is forgotten: it remembers what was made of it."""
        self._when_busted.append(call)

    async def current(self) -> RememberedSettings:
        """What is remembered, read anew when it is too old; however many ask at once, one reads."""
        if (remembered := self._fresh()) is not None:
            return remembered
        async with self._reading:
            return self._fresh() or await self._read()

    def bust(self, keys: Collection[str]) -> None:
        """Forget what these keys name. Settings and flags are read together, so any key forgets them all."""
        if keys:
            self._generation += 1
            self._remembered = None
            self.categories.forget()
            for call in self._when_busted:
                call()

    def _fresh(self) -> RememberedSettings | None:
        is_old = self._monotonic() - self._read_at >= LIFETIME_SECONDS
        return None if is_old else self._remembered

    async def _read(self) -> RememberedSettings:
        generation, started = self._generation, self._monotonic()
        async with self._database.read() as connection:
            read = RememberedSettings(await all_settings(connection), tuple(await all_flags(connection)))
        # What was busted while it was read may be the old state: it answers this once and is not kept.
        if generation == self._generation:
            self._remembered, self._read_at = read, started
        return read
