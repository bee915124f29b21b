"""People that tests start from."""

from __future__ import annotations

from sqlalchemy import insert

from db.tables.identity import users
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.identity.user import UserStatus
from domain.ids import SessionId, UserId, new_id
from tests.commands import Commands


async def make_person(commands: Commands, *roles: Role) -> Actor:
    """A signed-in person with these roles besides being a customer."""
    user_id = UserId(new_id())
    held = (Role.CUSTOMER, *(role for role in roles if role is not Role.CUSTOMER))
    person = {
        "id": user_id,
        "display_name": "Wanjiru",
        "language": "en",
        "phone": f"+2547{user_id.int % 10**8:08}",
        "email": None,
        "roles": held,
        "status": UserStatus.ACTIVE,
        "access_generation": 0,
        "access_changed_at": commands.now,
        "registered_at": commands.now,
        "version": 0,
    }
    async with commands.database.transaction() as connection:
        await connection.execute(insert(users), [person])
    return Actor.person(user_id, SessionId(new_id()), frozenset(held), address="203.0.113.7")
