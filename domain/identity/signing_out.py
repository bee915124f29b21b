"""How sessions end by the person's own will."""

from __future__ import annotations

from domain.identity.access import SessionEnd
from domain.identity.errors import SessionIsOver
from domain.identity.session import Session
from domain.ids import SessionId
from domain.unit_of_work import UnitOfWork


async def revoke_session(uow: UnitOfWork, *, session_id: SessionId) -> Session:
    """End one's own session, this one or one on another device; that device's key is forgotten with it.

    The key of the device at hand stays, because coming back with a finger is what it is for.

    Raises:
        SessionNotFound: no such session of this person.
        SessionIsOver: it ended before.
    """
    await uow.users.get_for_update(uow.actor.user_id)
    session = await uow.sessions.get_for_update(session_id)
    session.require_owner(uow.actor.user_id)
    if not session.is_live(uow.now):
        raise SessionIsOver
    is_own = session.id == uow.actor.session_id
    uow.emit(session.end(SessionEnd.SIGNED_OUT if is_own else SessionEnd.REVOKED, at=uow.now))
    if not is_own:
        await _forget_keys(uow, {session.device_digest})
    return session


async def revoke_all_sessions(uow: UnitOfWork) -> list[Session]:
    """End all of one's own sessions, this one too, and forget the keys of all devices."""
    await uow.users.get_for_update(uow.actor.user_id)
    live = await uow.sessions.live_of(uow.actor.user_id, at=uow.now)
    for session in live:
        is_own = session.id == uow.actor.session_id
        uow.emit(session.end(SessionEnd.SIGNED_OUT if is_own else SessionEnd.REVOKED, at=uow.now))
    await _forget_keys(uow, None)
    return live


async def _forget_keys(uow: UnitOfWork, devices: set[bytes] | None) -> None:
    """Forget the actor's keys on these devices, or on all when it is None."""
    for key in await uow.device_keys.of_person(uow.actor.user_id):
        if devices is None or key.device_digest in devices:
            await uow.device_keys.remove(key)
