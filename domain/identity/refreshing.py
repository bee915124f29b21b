"""Refresh tokens are exchanged, each once.

A token that comes back after its exchange is held by two parties, of which one may have taken it; the session ends, for
both. Within ten seconds of the exchange it is refused without that: two tabs, or a client that asks twice, are more
likely than a thief then, and nothing is gained by the second one, for the answer to the first is not repeated. A thief
who is faster than the person keeps the session until the person either asks again after those ten seconds, which ends
it, or signs in again on their device, which replaces it.
"""

from __future__ import annotations

from domain.gateways import Gateways
from domain.identity.access import SessionEnd
from domain.identity.errors import (
    DeviceMismatch,
    RefreshTokenInvalid,
    RefreshTokenReused,
    RefreshTokenSuperseded,
    SessionIsOver,
    UserIsBlocked,
)
from domain.identity.outcome import Refused
from domain.identity.session import REUSE_TOLERANCE, RefreshToken, Session
from domain.identity.signing_in import SignedIn, claims_of, digest_of, new_refresh_token
from domain.unit_of_work import UnitOfWork


async def refresh_session(
    uow: UnitOfWork, *, refresh_token: str, fingerprint: str, gateways: Gateways
) -> SignedIn | Refused:
    """Exchange a refresh token for the next one and for new access.

    Commit whatever it answers: a token in wrong hands ends the session.

    Raises:
        RefreshTokenInvalid: no such token, or its time is over.
        RefreshTokenSuperseded: it was exchanged less than ten seconds ago.
        SessionIsOver: the session ended before.
        UserIsBlocked: the person may not act; says why.
    """
    digest = gateways.secrets.digest("refresh token", refresh_token)
    presented = await uow.sessions.find_token(digest)
    if presented is None:
        raise RefreshTokenInvalid
    session = await uow.sessions.get_for_update(presented.session_id)
    token = await uow.sessions.find_token(digest)
    if token is None or uow.now >= token.expires_at:
        raise RefreshTokenInvalid
    await _require_going_on(uow, session)
    if session.device_digest != digest_of(fingerprint, gateways):
        uow.emit(session.end(SessionEnd.DEVICE_MISMATCH, at=uow.now))
        return Refused(DeviceMismatch())
    if token.used_at is not None:
        return _judge_reuse(uow, session, token)
    return await _exchange(uow, session, token, gateways)


async def _require_going_on(uow: UnitOfWork, session: Session) -> None:
    if session.is_live(uow.now):
        return
    user = await uow.users.get(session.user_id)
    if user.is_blocked(uow.now):
        raise UserIsBlocked(because=user.blocked_reason or "", until=user.blocked_until)
    raise SessionIsOver


def _judge_reuse(uow: UnitOfWork, session: Session, token: RefreshToken) -> Refused:
    assert token.used_at is not None, "only a used token is used again"
    if uow.now - token.used_at <= REUSE_TOLERANCE:
        raise RefreshTokenSuperseded
    uow.emit(session.end(SessionEnd.TOKEN_REUSED, at=uow.now))
    return Refused(RefreshTokenReused())


async def _exchange(uow: UnitOfWork, session: Session, token: RefreshToken, gateways: Gateways) -> SignedIn:
    token.used_at = uow.now
    session.go_on(at=uow.now)
    successor = await new_refresh_token(uow, session=session, gateways=gateways)
    user = await uow.users.get(session.user_id)
    return SignedIn(user=user, session=session, claims=claims_of(user, session, at=uow.now), refresh_token=successor)
