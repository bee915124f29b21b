"""Signed callbacks of acquirers are kept as they come; taking them in is somebody else's work.

Callbacks of one turn of the event loop share a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import text

from db.coalescing import Coalescing
from db.engine import Database
from domain.ids import new_id
from domain.payments.state import Rail

_KEEP: Final = text(
    """
    insert into acquirer_callbacks
        (id, rail, event_id, body, source, request_id, received_at, state, attempts, next_attempt_at)
    select id, rail, event, body, source, request, at, 'WAITING', 0, at
    from unnest(
        cast(:ids as uuid[]), cast(:rails as text[]), cast(:events as text[]), cast(:bodies as bytea[]),
        cast(:sources as text[]), cast(:requests as text[]), cast(:times as timestamptz[])
    ) as arrived (id, rail, event, body, source, request, at)
    on conflict (rail, event_id) do nothing
    """
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignedCallback:
    """What an acquirer signed, and from where it came. Each is itself: the same that comes twice came twice."""

    rail: Rail
    event_id: str
    body: bytes
    source: str
    request_id: str
    at: datetime


class AcquirerInbox:
    """Keeps what arrives, each event once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._together = Coalescing()

    async def keep(self, arrived: SignedCallback) -> None:
        """From here on it is not lost."""
        await self._together.answers("callbacks", (arrived,), self._keep)

    async def _keep(self, arrived: list[SignedCallback]) -> Mapping[SignedCallback, bool]:
        values = {
            "ids": [new_id() for _ in arrived],
            "rails": [each.rail.name for each in arrived],
            "events": [each.event_id for each in arrived],
            "bodies": [each.body for each in arrived],
            "sources": [each.source for each in arrived],
            "requests": [each.request_id for each in arrived],
            "times": [each.at for each in arrived],
        }
        async with self._database.transaction() as connection:
            await connection.execute(_KEEP, values)
        return dict.fromkeys(arrived, True)
