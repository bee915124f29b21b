"""How a person comes in: by a passcode the first time and whenever, and a session starts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from domain.gateways import Gateways
from domain.identity.access import ACCESS_LIFETIME, AccessClaims, SessionEnd
from domain.identity.address import Address, parse_address
from domain.identity.errors import UserIsBlocked
from domain.identity.events import SessionStarted
from domain.identity.otp import try_passcode
from domain.identity.outcome import Refused
from domain.identity.passcode import PasscodePurpose
from domain.identity.session import REFRESH_LIFETIME, SESSIONS_MAX, Device, RefreshToken, Session
from domain.identity.user import User
from domain.ids import SessionId, UserId, new_id
from domain.unit_of_work import UnitOfWork

REFRESH_TOKEN_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person is in. The refresh token is shown once; the access token is signed from the claims."""

    user: User
    session: Session
    claims: AccessClaims
    refresh_token: str = field(repr=False)
    is_new: bool = False


async def sign_in_with_passcode(
    uow: UnitOfWork, *, address: str, code: str, device: Device, gateways: Gateways
) -> SignedIn | Refused:
    """Let in whoever reads the address's messages; the first time, they are registered.

    Commit whatever it answers: a wrong code is counted, a right one is used.

    Raises:
        InvalidInput: the address is none, or the code is not six digits.
    """
    known = parse_address(address, phone_numbers=gateways.phone_numbers)
    refusal = await try_passcode(uow, address=known, code=code, purpose=PasscodePurpose.SIGN_IN, gateways=gateways)
    if refusal is not None:
        return Refused(refusal)
    user = await uow.users.find_for_update(known)
    if user is None:
        user = await register_user(uow, address=known)
        return await start_session(uow, user=user, device=device, gateways=gateways, is_new=True)
    return await let_in(uow, user=user, device=device, gateways=gateways)


async def register_user(uow: UnitOfWork, *, address: Address) -> User:
    """Keep somebody new."""
    user, registered = User.register(user_id=UserId(new_id()), address=address, at=uow.now)
    await uow.users.add(user)
    uow.emit(registered)
    return user


async def let_in(uow: UnitOfWork, *, user: User, device: Device, gateways: Gateways) -> SignedIn | Refused:
    """Start a session for somebody whose row is locked, unless they are blocked."""
    if user.is_blocked(uow.now):
        return Refused(UserIsBlocked(because=user.blocked_reason or "", until=user.blocked_until))
    user.lapse_block(uow.now)
    return await start_session(uow, user=user, device=device, gateways=gateways)


async def start_session(
    uow: UnitOfWork, *, user: User, device: Device, gateways: Gateways, is_new: bool = False
) -> SignedIn:
    """Start a session on this device; the one before on the same device ends, and so does the stalest beyond 20.

    So whoever was signed out by a thief of their refresh token ends the thief's session by signing in again.
    """
    digest = digest_of(device.fingerprint, gateways)
    await _make_room(uow, user_id=user.id, device_digest=digest)
    session = Session(
        id=SessionId(new_id()),
        user_id=user.id,
        device_digest=digest,
        device_name=device.name,
        device_platform=device.platform,
        started_at=uow.now,
        seen_at=uow.now,
        expires_at=uow.now + REFRESH_LIFETIME,
    )
    await uow.sessions.add(session)
    uow.emit(SessionStarted(user_id=user.id, session_id=session.id))
    token = await new_refresh_token(uow, session=session, gateways=gateways)
    return SignedIn(
        user=user,
        session=session,
        claims=claims_of(user, session, at=uow.now),
        refresh_token=token,
        is_new=is_new,
    )


async def new_refresh_token(uow: UnitOfWork, *, session: Session, gateways: Gateways) -> str:
    """The next link of the session's chain; only its digest is kept."""
    token = secrets.token_urlsafe(REFRESH_TOKEN_BYTES)
    kept = RefreshToken(
        digest=gateways.secrets.digest("refresh token", token),
        session_id=session.id,
        issued_at=uow.now,
        expires_at=session.expires_at,
    )
    await uow.sessions.add_token(kept)
    return token


def claims_of(user: User, session: Session, *, at: datetime) -> AccessClaims:
    """What a new access token of this session says."""
    return AccessClaims(
        user_id=user.id,
        session_id=session.id,
        roles=frozenset(user.roles),
        generation=user.access_generation,
        issued_at=at,
        expires_at=at + ACCESS_LIFETIME,
        token_id=new_id(),
    )


def digest_of(fingerprint: str, gateways: Gateways) -> bytes:
    """How a device is recognised without keeping what it said."""
    return gateways.secrets.digest("device", fingerprint)


async def _make_room(uow: UnitOfWork, *, user_id: UserId, device_digest: bytes) -> None:
    live = await uow.sessions.live_of(user_id, at=uow.now)
    others = [session for session in live if session.device_digest != device_digest]
    stale = others[: max(0, len(others) - SESSIONS_MAX + 1)]
    for session in live:
        if session.device_digest == device_digest:
            uow.emit(session.end(SessionEnd.REPLACED, at=uow.now))
        elif session in stale:
            uow.emit(session.end(SessionEnd.TOO_MANY, at=uow.now))
