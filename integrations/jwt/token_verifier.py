"""Access tokens are read."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from datetime import UTC, datetime, timedelta
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


class JwtVerifier:
    """Checks signature, algorithm, key, issuer, time and form; what was checked once is remembered until it expires.

    Whether the access was ended since is another question, asked of the revocations.
    """

    def __init__(self, ring: KeyRing, *, clock: Clock, remembered_max: int = REMEMBERED_MAX) -> None:
        self._ring, self._clock, self._remembered_max = ring, clock, remembered_max
        self._remembered: OrderedDict[bytes, AccessClaims] = OrderedDict()

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
        digest = hashlib.sha256(token.encode(errors="replace")).digest()
        claims = self._remembered.get(digest) or await self._read(token)
        if self._clock.now() >= claims.expires_at:
            self._remembered.pop(digest, None)
            raise AccessTokenExpired
        if claims.issued_at > self._clock.now() + _CLOCK_DIFFERENCE:
            raise AccessTokenInvalid
        self._remember(digest, claims)
        return claims

    async def _read(self, token: str) -> AccessClaims:
        try:
            key = await self._ring.verifying(str(jwt.get_unverified_header(token).get("kid")))
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
            return _claims(body)
        except (jwt.PyJWTError, InvalidInput, KeyError, TypeError, ValueError, OverflowError):
            raise AccessTokenInvalid from None

    def _remember(self, digest: bytes, claims: AccessClaims) -> None:
        self._remembered[digest] = claims
        self._remembered.move_to_end(digest)
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
