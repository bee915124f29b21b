"""People that tests start from."""

from __future__ import annotations

from sqlalchemy import text

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import SessionId, UserId, new_id
from tests.commands import Commands


async def make_person(commands: Commands, *roles: Role) -> Actor:
    """A signed-in person with these roles besides being a customer."""
    user_id = UserId(new_id())
    async with commands.database.transaction() as connection:
        await connection.execute(text("insert into users (id) values (:id)"), {"id": user_id})
    return Actor.person(user_id, SessionId(new_id()), frozenset({Role.CUSTOMER, *roles}), address="203.0.113.7")
