"""Shutting a person out, and letting them in again."""

from __future__ import annotations

from datetime import datetime

from domain.identity.access import SessionEnd
from domain.identity.errors import AdminProtected, LastAdmin, OwnAccount
from domain.identity.roles import Permission, Role
from domain.identity.user import User
from domain.ids import UserId
from domain.text import prose
from domain.unit_of_work import UnitOfWork

REASON_LENGTH_MAX = 500


async def block_user(uow: UnitOfWork, *, user_id: UserId, reason: str, until: datetime | None) -> User:
    """Shut a person out, until a moment or for good: their sessions end and their tokens are refused at once.

    The person reads the reason when they try to come in.

    Raises:
        InvalidInput: no reason, or `until` is not in the future.
        OwnAccount: it is the actor's own.
        UserNotFound: there is no such person.
        AdminProtected: only an administrator blocks an administrator.
        LastAdmin: no administrator who can act would be left.
        UserAlreadyBlocked: a block holds already.
    """
    reason = stated(reason)
    uow.because(reason)
    if user_id == uow.actor.user:
        raise OwnAccount
    admins = await uow.users.lock_admins()
    user = await uow.users.get_for_update(user_id)
    _require_judge(uow, user)
    if Role.ADMIN in user.roles:
        require_another_admin(admins, besides=user, at=uow.now)
    uow.emit(user.block(reason=reason, until=until, at=uow.now))
    for session in await uow.sessions.live_of(user.id, at=uow.now):
        uow.emit(session.end(SessionEnd.BLOCKED, at=uow.now))
    return user


async def unblock_user(uow: UnitOfWork, *, user_id: UserId, reason: str) -> User:
    """Let a person sign in again.

    Raises:
        InvalidInput: no reason.
        OwnAccount: it is the actor's own.
        UserNotFound: there is no such person.
        UserNotBlocked: no block holds.
        AdminProtected: only an administrator unblocks an administrator.
    """
    reason = stated(reason)
    uow.because(reason)
    if user_id == uow.actor.user:
        raise OwnAccount
    user = await uow.users.get_for_update(user_id)
    _require_judge(uow, user)
    uow.emit(user.unblock(reason=reason, at=uow.now))
    return user


def stated(reason: str) -> str:
    """The reason as it is kept.

    Raises:
        InvalidInput: empty, or longer than 500 characters.
    """
    return prose(reason, path=("reason",), shortest=1, longest=REASON_LENGTH_MAX)


def require_another_admin(admins: tuple[User, ...], *, besides: User, at: datetime) -> None:
    """Refuse to leave nobody who grants roles; `admins` are locked.

    Raises:
        LastAdmin: every other administrator is blocked, or there is none.
    """
    if not any(admin.id != besides.id and not admin.is_blocked(at) for admin in admins):
        raise LastAdmin


def _require_judge(uow: UnitOfWork, user: User) -> None:
    """An administrator is who may grant roles, which the market itself may as well."""
    if Role.ADMIN in user.roles and not uow.actor.may(Permission.ROLE_GRANT):
        raise AdminProtected
