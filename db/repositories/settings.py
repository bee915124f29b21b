"""Settings and feature flags, loaded for change."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from db.advisory_lock import take_turn
from db.tables.settings import feature_flags, platform_settings
from db.transaction import Transaction
from domain.settings.flags import FeatureFlag
from domain.settings.platform_settings import PlatformSetting, SettingDefinition, SettingValue


class SqlSettings:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get_for_update(self, definition: SettingDefinition) -> PlatformSetting:
        # The default becomes a row first, so that the audit row of its first change shows what it was.
        default = insert(platform_settings).values(key=definition.key, value=definition.default, version=0)
        await self._transaction.session.execute(default.on_conflict_do_nothing())
        return await self._transaction.session.get_one(PlatformSetting, definition.key, with_for_update=True)

    async def value(self, definition: SettingDefinition) -> SettingValue:
        changed = select(platform_settings.c.value).where(platform_settings.c.key == definition.key)
        value: SettingValue | None = await self._transaction.session.scalar(changed)
        return definition.default if value is None else value

    async def flag_for_update(self, key: str) -> FeatureFlag | None:
        await take_turn(self._transaction, "feature-flags")
        return await self._transaction.session.get(FeatureFlag, key, with_for_update=True)

    async def flag_count(self) -> int:
        return await self._transaction.session.scalar(select(func.count()).select_from(feature_flags)) or 0

    async def add_flag(self, flag: FeatureFlag) -> None:
        self._transaction.session.add(flag)
