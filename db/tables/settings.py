"""Settings that were changed from their default, and feature flags."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import registry

from db.columns import instant_column
from db.registry import metadata
from domain.settings.flags import FeatureFlag
from domain.settings.platform_settings import PlatformSetting

platform_settings: Final = Table(
    "platform_settings",
    metadata,
    Column("key", Text, primary_key=True),
    Column("value", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
    instant_column("updated_at", nullable=True),
)

feature_flags: Final = Table(
    "feature_flags",
    metadata,
    Column("key", Text, primary_key=True),
    Column("description", Text, nullable=False),
    Column("is_enabled", Boolean, nullable=False),
    Column("rollout_basis_points", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    instant_column("updated_at"),
    CheckConstraint("rollout_basis_points between 0 and 10000", name="rollout"),
)


def map_settings(mappers: registry) -> None:
    """Map settings and flags."""
    mappers.map_imperatively(
        PlatformSetting,
        platform_settings,
        version_id_col=platform_settings.c.version,
        version_id_generator=False,
    )
    mappers.map_imperatively(
        FeatureFlag, feature_flags, version_id_col=feature_flags.c.version, version_id_generator=False
    )
