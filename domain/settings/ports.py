"""What the settings ask of their storage."""

from __future__ import annotations

from typing import Protocol

from domain.settings.flags import FeatureFlag
from domain.settings.platform_settings import PlatformSetting, SettingDefinition, SettingValue


class Settings(Protocol):
    """Settings and flags, loaded for change."""

    async def get_for_update(self, definition: SettingDefinition) -> PlatformSetting:
        """The setting, its row locked; one that nobody changed yet has its default and version 0."""
        ...

    async def value(self, definition: SettingDefinition) -> SettingValue:
        """What it says now, its row not locked."""
        ...

    async def flag_for_update(self, key: str) -> FeatureFlag | None:
        """The flag, its row locked, if there is one. A new key waits here for whoever is adding a flag."""
        ...

    async def flag_count(self) -> int:
        """How many flags there are."""
        ...

    async def add_flag(self, flag: FeatureFlag) -> None:
        """Keep a new flag."""
        ...
