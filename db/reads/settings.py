"""Settings and feature flags for show."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.settings import feature_flags, platform_settings
from domain.settings.flags import FLAGS_MAX, FeatureFlag
from domain.settings.platform_settings import SETTINGS, PlatformSetting


async def all_settings(connection: AsyncConnection) -> dict[str, PlatformSetting]:
    """Every setting there is by its key, with its default where nobody changed it."""
    rows = await connection.execute(select(platform_settings).where(platform_settings.c.key.in_(SETTINGS)))
    changed = {
        row.key: PlatformSetting(key=row.key, value=row.value, version=row.version, updated_at=row.updated_at)
        for row in rows
    }
    return {key: changed.get(key) or PlatformSetting(key=key, value=SETTINGS[key].default) for key in SETTINGS}


async def all_flags(connection: AsyncConnection) -> list[FeatureFlag]:
    """Every feature flag, by key; at most 200."""
    rows = await connection.execute(select(feature_flags).order_by(feature_flags.c.key).limit(FLAGS_MAX))
    return [
        FeatureFlag(
            key=row.key,
            description=row.description,
            is_enabled=row.is_enabled,
            rollout_basis_points=row.rollout_basis_points,
            version=row.version,
            updated_at=row.updated_at,
        )
        for row in rows
    ]
