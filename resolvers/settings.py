"""Settings and feature flags: read through what the process remembers, changed for a reason."""

from __future__ import annotations

from typing import Final

import strawberry

from domain.errors import FieldFault, InvalidInput
from domain.identity.roles import Permission
from domain.settings.errors import SettingNotFound
from domain.settings.publishing import update_flag, update_setting
from resolvers.context import Info
from schema.access import ANYONE, SIGNED_IN, holders_of
from schema.fields import mutation, query
from schema.settings import (
    FeatureFlag,
    FeatureFlagUpdateInput,
    FeatureFlagUpdatePayload,
    Setting,
    SettingUpdateInput,
    SettingUpdatePayload,
)

KEYS_MAX: Final = 50


@strawberry.type
class SettingsQuery:
    """What can be asked of the settings."""

    @query(access=SIGNED_IN)
    async def settings(self, info: Info, keys: list[str] | None = None) -> list[Setting]:
        """The settings that you may read, or those of `keys` (at most 50): public ones, with settings:read all."""
        if keys is not None and len(keys) > KEYS_MAX:
            raise InvalidInput(FieldFault(("keys",), f"must be at most {KEYS_MAX}"))
        remembered = (await info.context.settings.current()).settings
        may_read_all = info.context.actor.may(Permission.SETTINGS_READ)
        readable = {key: setting for key, setting in remembered.items() if may_read_all or setting.definition.is_public}
        if any(key not in readable for key in keys or ()):
            raise SettingNotFound
        return [Setting.of(readable[key]) for key in (readable if keys is None else keys)]

    @query(access=ANYONE)
    async def feature_flags(self, info: Info) -> list[FeatureFlag]:
        """Every feature flag, by key, and whether you get it; somebody who is not signed in gets what all get."""
        remembered = await info.context.settings.current()
        return [FeatureFlag.of(flag, viewer=info.context.actor) for flag in remembered.flags]


@strawberry.type
class SettingsMutation:
    """How the market is tuned."""

    @mutation(access=holders_of(Permission.SETTINGS_WRITE))
    async def setting_update(self, info: Info, input: SettingUpdateInput) -> SettingUpdatePayload:
        """Give a setting another value. Everybody who keeps settings is told by a settings event."""
        async with info.context.unit_of_work() as uow:
            setting = await update_setting(
                uow,
                key=input.key,
                value=input.value,
                reason=input.reason,
                expected_version=input.expected_version,
            )
        info.context.settings.bust([input.key])
        return SettingUpdatePayload(setting=Setting.of(setting))

    @mutation(access=holders_of(Permission.SETTINGS_WRITE))
    async def feature_flag_update(self, info: Info, input: FeatureFlagUpdateInput) -> FeatureFlagUpdatePayload:
        """Switch or dim a feature flag, or add one. Everybody who keeps settings is told by a settings event."""
        async with info.context.unit_of_work() as uow:
            flag = await update_flag(
                uow,
                key=input.key,
                is_enabled=input.is_enabled,
                reason=input.reason,
                rollout_basis_points=input.rollout_basis_points,
                description=input.description,
                expected_version=input.expected_version,
            )
        info.context.settings.bust([input.key])
        return FeatureFlagUpdatePayload(flag=FeatureFlag.of(flag, viewer=info.context.actor))
