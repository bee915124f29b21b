"""Keys by which programs act for people."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.api_keys import api_keys
from domain.identity.api_key import ApiKey
from domain.identity.api_key_errors import ApiKeyNotFound
from domain.ids import ApiKeyId, UserId


class SqlApiKeys:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_for_update(self, key_id: ApiKeyId) -> ApiKey:
        found = await self._session.get(ApiKey, key_id, with_for_update=True, populate_existing=True)
        if found is None:
            raise ApiKeyNotFound
        return found

    async def live_count(self, owner_id: UserId) -> int:
        live = select(func.count()).where(api_keys.c.owner_id == owner_id, api_keys.c.revoked_at.is_(None))
        return await self._session.scalar(live) or 0

    async def add(self, key: ApiKey) -> None:
        self._session.add(key)
