"""Access tokens are read."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

import jwt

from domain.clock import Clock
from domain.errors import InvalidInput
from domain.identity.access import AccessClaims
from domain.identity.errors import AccessTokenExpired, AccessTokenInvalid
from domain.identity.roles import Role
from domain.ids import IdKind, SessionId, UserId, decode_id
from integrations.jwt.key_ring import KeyRing
from integrations.jwt.token_issuer import ALGORITHM, ISSUER

REMEMBERED_MAX: Final = 10_000
TOKEN_LENGTH_MAX: Final = 4_096
_CLAIMS: Final = ("iss", "sub", "sid", "roles", "gen", "iat", "exp", "jti")
# Another process's clock may be ahead of ours; a token from further in the future is not one of ours.
_CLOCK_DIFFERENCE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class _Remembered:
    """A token that was checked. It is believed until then, and while the keys are those of that reading."""

    claims: AccessClaims
    kid: str
    until: datetime
    reading: int


class JwtVerifier:
    """Checks signature, algorithm, key, issuer, time and form; what was checked once is remembered until it expires.

    A remembered token asks after its key again when the keys were read anew or are due to be, so a key that ends
    takes its tokens with it, the remembered ones too. The whole token is what is remembered, by its digest: one with
    another signature is another token. Whether the access was ended since is asked of the revocations, each time.
    """

    def __init__(self, ring: KeyRing, *, clock: Clock, remembered_max: int = REMEMBERED_MAX) -> None:
        self._ring, self._clock, self._remembered_max = ring, clock, remembered_max
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()

    @property
    def remembered(self) -> int:
        """How many tokens are remembered; never more than it was made for."""
        return len(self._remembered)

    async def verify(self, token: str) -> AccessClaims:
        """What the token says.

        Raises:
            AccessTokenInvalid: not a token of ours, or damaged.
            AccessTokenExpired: its time is over.
        """
        if len(token) > TOKEN_LENGTH_MAX:
            raise AccessTokenInvalid
        digest = sha256(token.encode(errors="replace")).digest()
        known = self._remembered.get(digest)
        if known is not None and known.reading == self._ring.reading and self._clock.now() < known.until:
            self._remembered.move_to_end(digest)
            return known.claims
        return await self._check(token, digest, known)

    async def _check(self, token: str, digest: bytes, known: _Remembered | None) -> AccessClaims:
        """Check everything, or of a remembered token what may have changed: its time and its key."""
        self._remembered.pop(digest, None)
        claims, kid = await self._read(token) if known is None else await self._ask_after_key(known)
        now = self._clock.now()
        if now >= claims.expires_at:
            raise AccessTokenExpired
        if claims.issued_at > now + _CLOCK_DIFFERENCE:
            raise AccessTokenInvalid
        until = min(claims.expires_at, self._ring.trusted_until(kid))
        self._remember(digest, _Remembered(claims, kid, until, self._ring.reading))
        return claims

    async def _ask_after_key(self, known: _Remembered) -> tuple[AccessClaims, str]:
        if self._clock.now() < known.claims.expires_at and await self._ring.verifying(known.kid) is None:
            raise AccessTokenInvalid
        return known.claims, known.kid

    async def _read(self, token: str) -> tuple[AccessClaims, str]:
        try:
            kid = str(jwt.get_unverified_header(token).get("kid"))
            key = await self._ring.verifying(kid)
            if key is None:
                raise AccessTokenInvalid
            # Time is asked of our own clock, above, which the library cannot be given.
            body = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=ISSUER,
                options={"require": list(_CLAIMS), "verify_exp": False, "verify_iat": False},
            )
            return _claims(body), kid
        except (jwt.PyJWTError, InvalidInput, KeyError, TypeError, ValueError, OverflowError):
            raise AccessTokenInvalid from None

    def _remember(self, digest: bytes, checked: _Remembered) -> None:
        self._remembered[digest] = checked
        if len(self._remembered) > self._remembered_max:
            self._remembered.popitem(last=False)


def _claims(body: dict[str, Any]) -> AccessClaims:
    return AccessClaims(
        user_id=UserId(decode_id(IdKind.USER, body["sub"])),
        session_id=SessionId(decode_id(IdKind.SESSION, body["sid"])),
        roles=frozenset(Role(name) for name in body["roles"]),
        generation=int(body["gen"]),
        issued_at=datetime.fromtimestamp(body["iat"], UTC),
        expires_at=datetime.fromtimestamp(body["exp"], UTC),
        token_id=UUID(body["jti"]),
    )
