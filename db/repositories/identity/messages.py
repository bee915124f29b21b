"""Messages that wait to be sent."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.identity import outgoing_messages
from db.work_queue import WorkQueue
from domain.identity.message import ClaimedMessage, MessageState, OutgoingMessage

_QUEUE: Final = WorkQueue(outgoing_messages, waiting=MessageState.WAITING, dead=MessageState.DEAD)


class SqlOutgoingMessages:
    """See the port."""

    def __init__(self, session: AsyncSession, *, now: datetime) -> None:
        self._session = session
        self._now = now

    async def add(self, message: OutgoingMessage) -> None:
        self._session.add(message)

    async def claim_due(self, *, limit: int, lease_seconds: int) -> list[ClaimedMessage]:
        await self._lay_aside_useless()
        rows = await _QUEUE.claim(self._session, now=self._now, limit=limit, lease_seconds=lease_seconds)
        return [
            ClaimedMessage(
                id=row.id,
                attempt=row.attempts,
                channel=row.channel,
                sealed_address=row.sealed_address,
                sealed_text=row.sealed_text,
            )
            for row in rows
        ]

    async def note_sent(self, message: ClaimedMessage) -> None:
        outcome = {"state": MessageState.SENT, "sent_at": self._now, "sealed_text": None}
        await _QUEUE.finish(self._session, message.id, attempt=message.attempt, outcome=outcome)

    async def note_failed(self, message: ClaimedMessage) -> None:
        await _QUEUE.postpone(self._session, message.id, attempt=message.attempt, now=self._now)

    async def _lay_aside_useless(self) -> None:
        useless = (
            update(outgoing_messages)
            .where(outgoing_messages.c.state == MessageState.WAITING, outgoing_messages.c.useless_at <= self._now)
            .values(state=MessageState.USELESS, sealed_text=None, claimed_until=None)
        )
        await self._session.execute(useless, execution_options={"synchronize_session": False})
