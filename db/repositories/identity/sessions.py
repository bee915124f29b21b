"""Sessions and the chains of their refresh tokens."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.identity import refresh_tokens, sessions
from domain.identity.errors import SessionNotFound
from domain.identity.session import RefreshToken, Session
from domain.ids import SessionId, UserId


class SqlSessions:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get_for_update(self, session_id: SessionId) -> Session:
        found = await self._session.get(Session, session_id, with_for_update=True, populate_existing=True)
        if found is None:
            raise SessionNotFound
        return found

    async def live_of(self, user_id: UserId, *, at: datetime) -> list[Session]:
        live = (
            select(Session)
            .where(sessions.c.user_id == user_id, sessions.c.ended_at.is_(None), sessions.c.expires_at > at)
            .order_by(sessions.c.id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return sorted(await self._session.scalars(live), key=lambda session: (session.seen_at, session.id))

    async def add(self, session: Session) -> None:
        self._session.add(session)
        await self._session.flush()

    async def find_token(self, digest: bytes) -> RefreshToken | None:
        return await self._session.get(RefreshToken, digest, populate_existing=True)

    async def add_token(self, token: RefreshToken) -> None:
        self._session.add(token)
        # A link is kept for as long as it could be shown again; a session that goes on for years stays small.
        forgotten = delete(refresh_tokens).where(
            refresh_tokens.c.session_id == token.session_id, refresh_tokens.c.expires_at <= token.issued_at
        )
        await self._session.execute(forgotten, execution_options={"synchronize_session": False})
