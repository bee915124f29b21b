"""People as other things lead to them, which is read with almost everything: rows, and no entity."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from sqlalchemy import select

from db.read_pool import ReadPool
from db.rows import Row, column
from db.statements import ByKey, one_of
from db.tables.identity import users
from domain.identity.roles import Role
from domain.identity.user import UserStatus
from domain.ids import UserId
from domain.instants import StoredInstant, stored_instant


class UserRow(Row):
    """A person as they are shown."""

    id: UserId = column(users.c.id)
    display_name: str = column(users.c.display_name)
    language: str = column(users.c.language)
    phone: str | None = column(users.c.phone)
    email: str | None = column(users.c.email)
    roles: tuple[Role, ...] = column(users.c.roles)
    status: UserStatus = column(users.c.status)
    blocked_reason: str | None = column(users.c.blocked_reason)
    blocked_until: StoredInstant | None = column(users.c.blocked_until)
    registered_at: StoredInstant = column(users.c.registered_at)
    version: int = column(users.c.version)

    def is_blocked(self, at: datetime) -> bool:
        """Whether a block holds at this instant; one with an end ends by itself."""
        if self.status is not UserStatus.BLOCKED:
            return False
        return self.blocked_until is None or stored_instant(at) < self.blocked_until


_BY_IDS: Final[ByKey[UserId, UserRow]] = ByKey(
    UserRow, lambda: select(*UserRow.columns).where(one_of(users.c.id, "ids")), keys="ids", key="id"
)


async def user_rows(reads: ReadPool, ids: Collection[UserId]) -> dict[UserId, UserRow]:
    """People by id; who may see what of them is for the API's masks to say."""
    return {id: row for id, [row] in (await reads.fetch_by_key(_BY_IDS, ids)).items()}
