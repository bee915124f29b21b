"""What clients that keep settings are told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from domain.events import Event


@dataclass(frozen=True, kw_only=True)
class SettingsUpdated(Event):
    """What these keys name has changed; whoever keeps it reads it again.

    A key is a setting's, `flags.<key>` for a feature flag, `categories`, or `exchange_rates`.
    `about` is the row that was changed.
    """

    name: ClassVar[str] = "settings.updated"

    keys: tuple[str, ...]
    about: str = "settings"

    @property
    def subject(self) -> str:
        """What was changed, as the audit trail names it."""
        return self.about
