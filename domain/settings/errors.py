"""Why a setting stays as it is."""

from __future__ import annotations

from domain.errors import Conflict, NotFound


class SettingNotFound(NotFound):
    """No setting has this key."""

    def __init__(self) -> None:
        super().__init__("setting")


class TooManyFlags(Conflict):
    """As many feature flags exist as are ever evaluated for a person."""

    reason = "TOO_MANY_FLAGS"

    def __init__(self) -> None:
        super().__init__("No further feature flag can be added.")
