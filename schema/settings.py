"""Settings and feature flags as the API shows and takes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.settings import flags as flags_domain
from domain.settings import platform_settings as domain
from schema.errors import Payload

strawberry.enum(domain.SettingKind, description="What values a setting takes.")


@strawberry.type
class Setting:
    """A value by which the market is tuned while it runs."""

    key: str
    """Its name."""
    kind: domain.SettingKind
    """What values it takes."""
    value: str
    """The present value, written as JSON: 500, true, "text"."""
    default_value: str
    """The value it has when nobody changes it, written as JSON."""
    description: str
    """What it does."""
    is_public: bool
    """Whether everybody who is signed in may read it."""
    version: int
    """Counts its changes, 0 while it has its default; send it back as expectedVersion."""
    updated_at: datetime | None
    """When it was last changed; null while it has its default."""

    @classmethod
    def of(cls, setting: domain.PlatformSetting) -> Self:
        """From a setting of the domain."""
        definition = setting.definition
        return cls(
            key=setting.key,
            kind=definition.kind,
            value=setting.value_json,
            default_value=domain.PlatformSetting(key=setting.key, value=definition.default).value_json,
            description=definition.description,
            is_public=definition.is_public,
            version=setting.version,
            updated_at=setting.updated_at,
        )


@strawberry.type
class FeatureFlagRule:
    """How a flag is set."""

    description: str
    """What it shows."""
    is_enabled: bool
    """False: off for all."""
    rollout_basis_points: int
    """The share of people who get it while it is enabled, in hundredths of a percent; always the same people."""
    version: int
    """Counts its changes; send it back as expectedVersion."""
    updated_at: datetime
    """When it was last changed."""


@strawberry.type
class FeatureFlag:
    """Something new that is shown to a share of the people."""

    key: str
    """Its name."""
    is_on: bool
    """Whether you get it."""
    rule: FeatureFlagRule | None
    """How it is set; null without the permission settings:read."""

    @classmethod
    def of(cls, flag: flags_domain.FeatureFlag, *, viewer: Actor) -> Self:
        """As this person gets it."""
        rule = FeatureFlagRule(
            description=flag.description,
            is_enabled=flag.is_enabled,
            rollout_basis_points=flag.rollout_basis_points,
            version=flag.version,
            updated_at=flag.updated_at,
        )
        may_see = viewer.may(Permission.SETTINGS_READ)
        return cls(key=flag.key, is_on=flag.is_on_for(viewer.user), rule=rule if may_see else None)


@strawberry.input
class SettingUpdateInput:
    """Another value for a setting."""

    key: str
    """Which setting."""
    value: str
    """Written as JSON and of the setting's kind: 500, true, "text"."""
    reason: str
    """For the audit trail, 3 to 500 characters."""
    expected_version: int | None = None
    """Refuses when the setting was changed since this version was read."""


@strawberry.input
class FeatureFlagUpdateInput:
    """How a flag is to be; an unknown key adds one."""

    key: str
    """In snake_case, at most 60 characters."""
    is_enabled: bool
    """False: off for all."""
    reason: str
    """For the audit trail, 3 to 500 characters."""
    rollout_basis_points: int | None = None
    """The share of people who get it, 0 to 10000; left out it stays, and a new flag is for all."""
    description: str | None = None
    """What it shows, at most 280 characters; left out it stays."""
    expected_version: int | None = None
    """Refuses when the flag was changed since this version was read; 0 for a new one."""


@strawberry.type
class SettingUpdatePayload(Payload):
    """The changed setting."""

    setting: Setting | None = None
    """Null when it was refused."""


@strawberry.type
class FeatureFlagUpdatePayload(Payload):
    """The changed flag."""

    flag: FeatureFlag | None = None
    """Null when it was refused."""
