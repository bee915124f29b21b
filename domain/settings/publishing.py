"""A setting or a flag is changed, for a reason, and everybody who keeps it is told."""

from __future__ import annotations

from domain.errors import VersionConflict
from domain.settings.errors import TooManyFlags
from domain.settings.events import SettingsUpdated
from domain.settings.flags import FLAG_DESCRIPTION_MAX, FLAGS_MAX, FeatureFlag, checked_flag_key, checked_rollout
from domain.settings.platform_settings import PlatformSetting, definition_of
from domain.text import prose, reason_line
from domain.unit_of_work import UnitOfWork


async def update_setting(
    uow: UnitOfWork, *, key: str, value: str, reason: str, expected_version: int | None = None
) -> PlatformSetting:
    """Give a setting another value, written as JSON.

    Raises:
        SettingNotFound: no setting has this key.
        InvalidInput: the value is of another type or out of bounds, or there is no reason.
        VersionConflict: it was changed since the caller read it.
    """
    definition = definition_of(key)
    parsed = definition.parse(value)
    uow.because(_checked(reason))
    setting = await uow.settings.get_for_update(definition)
    if expected_version not in (None, setting.version):
        raise VersionConflict(setting.version)
    setting.value = parsed
    setting.updated_at = uow.now
    setting.version += 1
    uow.emit(SettingsUpdated(keys=(key,), about=f"platform_settings:{key}"))
    return setting


async def update_flag(
    uow: UnitOfWork,
    *,
    key: str,
    is_enabled: bool,
    reason: str,
    rollout_basis_points: int | None = None,
    description: str | None = None,
    expected_version: int | None = None,
) -> FeatureFlag:
    """Switch or dim a feature flag; an unknown key adds one. What is None stays.

    Raises:
        InvalidInput: the key or the share is faulty, or there is no reason.
        VersionConflict: it was changed since the caller read it; a new flag has version 0.
        TooManyFlags: no further flag can be added.
    """
    uow.because(_checked(reason))
    flag = await _flag(uow, checked_flag_key(key))
    if expected_version not in (None, flag.version):
        raise VersionConflict(flag.version)
    flag.is_enabled = is_enabled
    if rollout_basis_points is not None:
        flag.rollout_basis_points = checked_rollout(rollout_basis_points)
    if description is not None:
        flag.description = prose(description, path=("description",), longest=FLAG_DESCRIPTION_MAX)
    flag.updated_at = uow.now
    flag.version += 1
    uow.emit(SettingsUpdated(keys=(f"flags.{key}",), about=f"feature_flags:{key}"))
    return flag


async def _flag(uow: UnitOfWork, key: str) -> FeatureFlag:
    flag = await uow.settings.flag_for_update(key)
    if flag is not None:
        return flag
    if await uow.settings.flag_count() >= FLAGS_MAX:
        raise TooManyFlags
    flag = FeatureFlag(key=key, updated_at=uow.now)
    await uow.settings.add_flag(flag)
    return flag


def _checked(reason: str) -> str:
    return reason_line(reason)
