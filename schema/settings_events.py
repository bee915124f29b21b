"""What is told live about settings."""

from __future__ import annotations

from typing import Annotated

import strawberry

from schema.scalars import BigInt, StreamCursor
from schema.settings import FeatureFlag, Setting
from schema.streams import DomainEvent, StreamGap, StreamHeartbeat


@strawberry.type
class SettingsSnapshot:
    """The settings that you may read and the flags as you get them."""

    settings: list[Setting]
    """By key."""
    feature_flags: list[FeatureFlag]
    """By key."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class SettingsUpdated(DomainEvent):
    """What these keys name has changed; read again what you keep of it."""

    keys: list[str]
    """A setting's key, `flags.<key>` for a feature flag, `categories` or `exchange_rates`; only what you may read."""


SettingsStreamItem = Annotated[
    SettingsSnapshot | SettingsUpdated | StreamGap | StreamHeartbeat,
    strawberry.union("SettingsStreamItem", description="What settingsEvents tells; more kinds may come."),
]
