"""What ended people's access, for processes that ask for it all the time."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    Integer,
    Select,
    Subquery,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    null,
    select,
    type_coerce,
    union_all,
)
from sqlalchemy.sql import literal

from db.columns import Instant
from db.read_pool import ReadPool
from db.rows import Row, column
from db.statements import Statement
from db.tables.api_keys import api_keys
from db.tables.identity import sessions, users
from domain.identity.access import AccessChange
from domain.identity.user import UserStatus
from domain.ids import SessionId, UserId


async def access_changes(reads: ReadPool, since: datetime) -> list[AccessChange]:
    """Whose access ended from `since` on: people whose tokens below a generation are refused, then ended sessions, then
    revoked keys, which stand in the place of a session for what they opened.

    There is no limit but the span of time: one that is left out would let somebody in.
    """
    return [
        AccessChange(user_id=row.user_id, session_id=row.session_id, generation=row.generation, reason=row.reason)
        for row in await reads.fetch(_SINCE, {"since": since})
    ]


def _changes() -> Subquery:
    since = bindparam("since", type_=Instant)
    why = case((users.c.status == UserStatus.BLOCKED, literal("BLOCKED")), else_=literal("ACCESS_CHANGED"))
    people = select(
        users.c.id.label("user_id"),
        cast(null(), Uuid).label("session_id"),
        users.c.access_generation.label("generation"),
        why.label("reason"),
        literal(1).label("place"),
    ).where(users.c.access_changed_at >= since, users.c.access_generation > 0)
    # An end is stored by its name, which is its word on the wire as well.
    reason = type_coerce(sessions.c.ended_reason, Text)
    ended = select(sessions.c.user_id, sessions.c.id, cast(null(), Integer), reason, literal(2)).where(
        sessions.c.ended_at >= since
    )
    revoked = select(
        api_keys.c.owner_id, api_keys.c.id, cast(null(), Integer), literal("KEY_REVOKED"), literal(3)
    ).where(api_keys.c.revoked_at >= since)
    return union_all(people, ended, revoked).subquery("changes")


_CHANGES: Final = _changes()


class ChangeRow(Row):
    """Access that ended, of a person as a whole or of a session or a key."""

    user_id: UserId = column(_CHANGES.c.user_id)
    session_id: SessionId | None = column(_CHANGES.c.session_id)
    generation: int | None = column(_CHANGES.c.generation)
    reason: str = column(_CHANGES.c.reason)


def _since() -> Select[Any]:
    return select(*ChangeRow.columns).order_by(_CHANGES.c.place)


_SINCE: Final = Statement(ChangeRow, _since)
