"""Blocks and roles: access ends with the same commit, and somebody always remains to grant roles."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

import pytest

from db.reads.access_changes import access_changes
from db.reads.identity import live_sessions, users_by_ids
from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.identity.access import AccessChange, SessionEnd
from domain.identity.actor import Actor
from domain.identity.blocking import block_user, unblock_user
from domain.identity.errors import (
    AdminProtected,
    LastAdmin,
    OwnAccount,
    RoleAlreadyHeld,
    RoleNotHeld,
    RoleStays,
    UserAlreadyBlocked,
    UserNotBlocked,
    UserNotFound,
)
from domain.identity.role_grants import grant_role, revoke_role
from domain.identity.roles import Role
from domain.identity.user import User
from domain.ids import IdKind, UserId, encode_id, new_id
from tests.commands import Commands
from tests.makers.identity import make_device, sign_in
from tests.makers.people import make_person


async def block(commands: Commands, by: Actor, whom: UserId, *, until: datetime | None = None) -> User:
    async with commands.by(by, operation="userBlock") as uow:
        return await block_user(uow, user_id=whom, reason="Selling air.", until=until)


async def revoke(commands: Commands, by: Actor, whom: UserId, role: Role = Role.ADMIN) -> User:
    async with commands.by(by, operation="roleRevoke") as uow:
        return await revoke_role(uow, user_id=whom, role=role, reason="Left us.")


async def stored(commands: Commands, user_id: UserId) -> User:
    async with commands.database.read() as connection:
        return (await users_by_ids(connection, [user_id]))[user_id]


async def changes(commands: Commands, *, since: datetime) -> list[AccessChange]:
    return await access_changes(commands.database.reads, since)


async def able_admins(commands: Commands, *people: Actor) -> list[UserId]:
    known = [await stored(commands, person.user_id) for person in people]
    return [user.id for user in known if Role.ADMIN in user.roles and not user.is_blocked(commands.now)]


async def test_a_block_ends_all_sessions_and_tells_why(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    await sign_in(commands, gateways, device=make_device("fingerprint-2"))
    support = await make_person(commands, Role.SUPPORT)
    until = commands.now + timedelta(days=3)

    await block(commands, support, signed_in.user.id, until=until)

    async with commands.database.read() as connection:
        assert await live_sessions(connection, user_id=signed_in.user.id, at=commands.now) == []
    [blocked] = await commands.events("user.blocked")
    assert blocked.body == {
        "user_id": str(signed_in.user.id),
        "reason": "Selling air.",
        "until": until.isoformat(),
        "generation": 1,
    }
    ended = await commands.events("session.ended")
    assert [event.body["reason"] for event in ended] == [SessionEnd.BLOCKED] * 2
    audited = (await commands.trail())[-1]
    assert (audited.operation, audited.reason) == ("userBlock", "Selling air.")
    assert audited.subject == encode_id(IdKind.USER, signed_in.user.id)


async def test_a_block_is_an_access_change_of_the_person_and_of_each_session(
    commands: Commands, gateways: Gateways
) -> None:
    signed_in = await sign_in(commands, gateways)
    support = await make_person(commands, Role.SUPPORT)
    commands.later(timedelta(minutes=1))

    await block(commands, support, signed_in.user.id)

    user_id, session_id = signed_in.user.id, signed_in.session.id
    assert await changes(commands, since=commands.now) == [
        AccessChange(user_id=user_id, session_id=None, generation=1, reason="BLOCKED"),
        AccessChange(user_id=user_id, session_id=session_id, generation=None, reason="BLOCKED"),
    ]
    assert await changes(commands, since=commands.now + timedelta(microseconds=1)) == []


async def test_an_unblocked_person_comes_in_again(commands: Commands, gateways: Gateways) -> None:
    signed_in = await sign_in(commands, gateways)
    support = await make_person(commands, Role.SUPPORT)
    await block(commands, support, signed_in.user.id)

    async with commands.by(support) as uow:
        await unblock_user(uow, user_id=signed_in.user.id, reason="A mistake.")
    again = await sign_in(commands, gateways)

    assert again.claims.generation == 2
    [unblocked] = await commands.events("user.unblocked")
    assert unblocked.body == {"user_id": str(signed_in.user.id), "reason": "A mistake.", "generation": 2}


async def test_of_two_moderators_at_once_one_is_told(commands: Commands) -> None:
    target = await make_person(commands)
    moderators = [await make_person(commands, Role.SUPPORT) for _ in range(2)]

    outcomes = await asyncio.gather(
        *(block(commands, moderator, target.user_id) for moderator in moderators), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["User", "UserAlreadyBlocked"]
    assert len(await commands.events("user.blocked")) == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "bell\x07"])
async def test_a_block_needs_a_reason(commands: Commands, reason: str) -> None:
    support, target = await make_person(commands, Role.SUPPORT), await make_person(commands)

    with pytest.raises(InvalidInput):
        async with commands.by(support) as uow:
            await block_user(uow, user_id=target.user_id, reason=reason, until=None)

    assert not (await stored(commands, target.user_id)).is_blocked(commands.now)
    assert (await commands.events(), await commands.trail()) == ([], [])


async def test_refused_blocks_leave_nothing_behind(commands: Commands) -> None:
    support, admin = await make_person(commands, Role.SUPPORT), await make_person(commands, Role.ADMIN)
    target = await make_person(commands)

    with pytest.raises(OwnAccount):
        await block(commands, support, support.user_id)
    with pytest.raises(AdminProtected):
        await block(commands, support, admin.user_id)
    with pytest.raises(UserNotFound):
        await block(commands, support, UserId(new_id()))
    with pytest.raises(InvalidInput):
        await block(commands, support, target.user_id, until=commands.now)

    for person in (support, admin, target):
        assert not (await stored(commands, person.user_id)).is_blocked(commands.now)
    assert (await commands.events(), await commands.trail()) == ([], [])


async def test_refused_unblockings_leave_nothing_behind(commands: Commands) -> None:
    support, target = await make_person(commands, Role.SUPPORT), await make_person(commands)
    admins = [await make_person(commands, Role.ADMIN) for _ in range(2)]
    await block(commands, admins[0], admins[1].user_id)
    before = len(await commands.events())

    with pytest.raises(UserNotBlocked):
        async with commands.by(support) as uow:
            await unblock_user(uow, user_id=target.user_id, reason="Why not.")
    with pytest.raises(AdminProtected):
        async with commands.by(support) as uow:
            await unblock_user(uow, user_id=admins[1].user_id, reason="Why not.")
    with pytest.raises(OwnAccount):
        async with commands.by(admins[1]) as uow:
            await unblock_user(uow, user_id=admins[1].user_id, reason="Why not.")

    assert (await stored(commands, admins[1].user_id)).is_blocked(commands.now)
    assert len(await commands.events()) == before


async def test_an_admin_blocks_an_admin_while_another_remains(commands: Commands) -> None:
    one, other = await make_person(commands, Role.ADMIN), await make_person(commands, Role.ADMIN)

    await block(commands, one, other.user_id)

    assert await able_admins(commands, one, other) == [one.user_id]


async def test_two_admins_who_block_each_other_at_once_do_not_both_succeed(commands: Commands) -> None:
    one, other = await make_person(commands, Role.ADMIN), await make_person(commands, Role.ADMIN)

    outcomes = await asyncio.gather(
        block(commands, one, other.user_id), block(commands, other, one.user_id), return_exceptions=True
    )

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["LastAdmin", "User"]
    assert len(await able_admins(commands, one, other)) == 1


async def test_a_granted_role_is_a_new_generation(commands: Commands) -> None:
    admin, target = await make_person(commands, Role.ADMIN), await make_person(commands)
    commands.later(timedelta(minutes=1))

    async with commands.by(admin) as uow:
        await grant_role(uow, user_id=target.user_id, role=Role.FINANCE, reason="New colleague.")

    user = await stored(commands, target.user_id)
    assert user.roles == (Role.CUSTOMER, Role.FINANCE)
    assert await changes(commands, since=commands.now) == [
        AccessChange(user_id=user.id, session_id=None, generation=1, reason="ACCESS_CHANGED")
    ]
    [granted] = await commands.events("role.granted")
    assert granted.body == {"user_id": str(user.id), "role": "FINANCE", "generation": 1}
    audited = (await commands.trail())[-1]
    assert audited.reason == "New colleague."
    assert audited.changes[0]["before"]["roles"] == ["CUSTOMER"]
    assert audited.changes[0]["after"]["roles"] == ["CUSTOMER", "FINANCE"]


async def test_a_revoked_role_is_told(commands: Commands) -> None:
    admin, target = await make_person(commands, Role.ADMIN), await make_person(commands, Role.SUPPORT)

    await revoke(commands, admin, target.user_id, Role.SUPPORT)

    assert (await stored(commands, target.user_id)).roles == (Role.CUSTOMER,)
    [revoked] = await commands.events("role.revoked")
    assert revoked.body == {"user_id": str(target.user_id), "role": "SUPPORT", "generation": 1}


async def test_refused_grants_leave_nothing_behind(commands: Commands) -> None:
    admin, target = await make_person(commands, Role.ADMIN), await make_person(commands, Role.SUPPORT)

    for whom, role, refusal in (
        (admin, Role.FINANCE, OwnAccount),
        (target, Role.SUPPORT, RoleAlreadyHeld),
    ):
        with pytest.raises(refusal):
            async with commands.by(admin) as uow:
                await grant_role(uow, user_id=whom.user_id, role=role, reason="Because.")
    for role, missing in ((Role.CUSTOMER, RoleStays), (Role.FINANCE, RoleNotHeld)):
        with pytest.raises(missing):
            await revoke(commands, admin, target.user_id, role)

    assert (await stored(commands, target.user_id)).access_generation == 0
    assert (await commands.events(), await commands.trail()) == ([], [])


async def test_the_last_admin_stays(commands: Commands) -> None:
    admin = await make_person(commands, Role.ADMIN)

    with pytest.raises(LastAdmin):
        await revoke(commands, admin, admin.user_id)

    assert await able_admins(commands, admin) == [admin.user_id]
    assert await commands.events() == []


async def test_a_blocked_admin_is_not_counted(commands: Commands) -> None:
    one, other = await make_person(commands, Role.ADMIN), await make_person(commands, Role.ADMIN)
    await block(commands, one, other.user_id)

    with pytest.raises(LastAdmin):
        await revoke(commands, one, one.user_id)
    assert (await revoke(commands, one, other.user_id)).roles == (Role.CUSTOMER,)


@pytest.mark.parametrize("attempt", range(3))
async def test_admins_who_revoke_each_other_at_once_leave_one(commands: Commands, attempt: int) -> None:
    admins = [await make_person(commands, Role.ADMIN) for _ in range(2 + attempt)]
    victims = admins[1:] + admins[:1]

    outcomes = await asyncio.gather(
        *(revoke(commands, by, whom.user_id) for by, whom in zip(admins, victims, strict=True)),
        return_exceptions=True,
    )

    assert [type(outcome) for outcome in outcomes].count(LastAdmin) == 1
    assert len(await able_admins(commands, *admins)) == 1


async def test_revoking_and_blocking_at_once_leaves_one(commands: Commands) -> None:
    one, other = await make_person(commands, Role.ADMIN), await make_person(commands, Role.ADMIN)

    outcomes = await asyncio.gather(
        revoke(commands, one, other.user_id), block(commands, other, one.user_id), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes].count(LastAdmin) == 1
    assert len(await able_admins(commands, one, other)) == 1


async def test_a_person_is_blocked_once_after_a_lapsed_block(commands: Commands) -> None:
    support, target = await make_person(commands, Role.SUPPORT), await make_person(commands)
    await block(commands, support, target.user_id, until=commands.now + timedelta(hours=1))
    with pytest.raises(UserAlreadyBlocked):
        await block(commands, support, target.user_id)
    commands.later(timedelta(hours=1))

    again = await block(commands, support, target.user_id)

    assert (again.blocked_until, again.access_generation) == (None, 2)
