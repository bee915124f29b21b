"""Giving and taking roles. The person's present tokens are refused from then on; a refresh brings the new roles."""

from __future__ import annotations

from domain.identity.blocking import require_another_admin, stated
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.identity.user import User
from domain.ids import UserId
from domain.unit_of_work import UnitOfWork


async def grant_role(uow: UnitOfWork, *, user_id: UserId, role: Role, reason: str) -> User:
    """Give a role to somebody else: who grants roles does not help themselves to more.

    Raises:
        InvalidInput: no reason.
        OwnAccount: it is the actor's own.
        UserNotFound: there is no such person.
        RoleAlreadyHeld: the person has it.
    """
    uow.because(stated(reason))
    if user_id == uow.actor.user:
        raise OwnAccount
    user = await uow.users.get_for_update(user_id)
    uow.emit(user.grant(role, at=uow.now))
    return user


async def revoke_role(uow: UnitOfWork, *, user_id: UserId, role: Role, reason: str) -> User:
    """Take a role away, one's own too.

    Raises:
        InvalidInput: no reason.
        UserNotFound: there is no such person.
        RoleStays: everybody is a customer.
        RoleNotHeld: the person does not have it.
        LastAdmin: no administrator who can act would be left.
    """
    uow.because(stated(reason))
    admins = await uow.users.lock_admins() if role is Role.ADMIN else ()
    user = await uow.users.get_for_update(user_id)
    revoked = user.revoke(role, at=uow.now)
    if role is Role.ADMIN:
        require_another_admin(admins, besides=user, at=uow.now)
    uow.emit(revoked)
    return user
