"""Access tokens are signed."""

from __future__ import annotations

from typing import Final

import jwt

from domain.identity.access import AccessClaims
from domain.ids import IdKind, encode_id
from integrations.jwt.key_ring import KeyRing

ISSUER: Final = "sokoni"
ALGORITHM: Final = "ES256"


class JwtIssuer:
    """Signs with the key that signs now."""

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    async def issue(self, claims: AccessClaims) -> str:
        """The token that says this; times are whole seconds, the end rounded down."""
        signing = await self._ring.signing()
        body = {
            "iss": ISSUER,
            "sub": encode_id(IdKind.USER, claims.user_id),
            "sid": encode_id(IdKind.SESSION, claims.session_id),
            "roles": sorted(claims.roles),
            "gen": claims.generation,
            "iat": int(claims.issued_at.timestamp()),
            "exp": int(claims.expires_at.timestamp()),
            "jti": str(claims.token_id),
        }
        return jwt.encode(body, signing.private, algorithm=ALGORITHM, headers={"kid": signing.kid})
