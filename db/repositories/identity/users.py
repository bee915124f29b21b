"""People, loaded for change."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from db.tables.identity import users
from domain.identity.address import Address, AddressKind
from domain.identity.errors import UserNotFound
from domain.identity.roles import Role
from domain.identity.user import User
from domain.ids import UserId


class SqlUsers:
    """See the port."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def get(self, user_id: UserId) -> User:
        user = await self._session.get(User, user_id)
        if user is None:
            raise UserNotFound
        return user

    async def get_for_update(self, user_id: UserId) -> User:
        user: User | None = await self._session.scalar(_locked(select(User).where(users.c.id == user_id)))
        if user is None:
            raise UserNotFound
        return user

    async def find_for_update(self, address: Address) -> User | None:
        column = users.c.phone if address.kind is AddressKind.PHONE else users.c.email
        user: User | None = await self._session.scalar(_locked(select(User).where(column == address.value)))
        return user

    async def lock_admins(self) -> tuple[User, ...]:
        # Whoever waited for a row sees it as it was left: one that lost the role meanwhile is not among them.
        admins = select(User).where(literal(Role.ADMIN.name) == users.c.roles.any_()).order_by(users.c.id)
        return tuple(await self._session.scalars(_locked(admins)))

    async def add(self, user: User) -> None:
        self._session.add(user)
        await self._session.flush()


def _locked(statement: Select[Any]) -> Select[Any]:
    # Rows that refer to the person may still be written: whoever writes one may hold what the locker wants next.
    return statement.with_for_update(key_share=True).execution_options(populate_existing=True)
