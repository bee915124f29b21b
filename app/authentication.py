"""From a credential to an actor: a token whose access has not ended since, or a request that an API key signed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from app.api_keys import ApiKeyAuthentication, is_signed
from domain.errors import AuthenticationRefused, ErrorCode
from domain.identity.access import AccessClaims
from domain.identity.actor import Actor
from domain.identity.errors import AccessEnded, AccessTokenExpired
from domain.identity.ports import TokenVerifier
from realtime.revocations import Revocations
from transport.surroundings import Caller, Refused

SCHEME: Final = "bearer "
ADDRESSES_MAX: Final = 1_024


@dataclass(frozen=True, slots=True)
class Authenticated:
    """An actor, what their token or key says of their access, and the signature where a key let them in."""

    actor: Actor
    claims: AccessClaims | None = None
    signature: bytes | None = None


class Authentication:
    """Lets in whoever shows no credential as nobody, and refuses a credential that is worth nothing."""

    def __init__(self, verifier: TokenVerifier, revocations: Revocations, keys: ApiKeyAuthentication) -> None:
        self._verifier, self._revocations, self._keys = verifier, revocations, keys

    async def of(self, credential: object, caller: Caller) -> Authenticated:
        """The actor behind an `Authorization` value, as a header or in `connection_init`.

        Raises:
            Refused: not a token of ours, expired, or its access ended; or a signature that is not let in.
        """
        if credential is None or credential == "":
            return nobody(caller.address)
        request_id: str = caller.state["request_id"]
        token = token_in(credential)
        try:
            if token is not None:
                claims = await self.claims(token)
                return Authenticated(actor_of(claims, address=caller.address), claims)
            if is_signed(credential):
                known = await self._keys.of(str(credential), caller)
                return Authenticated(known.actor, known.claims, known.signature)
        except AccessTokenExpired:
            raise _refused("The access token has expired; refresh the session.", request_id) from None
        except AuthenticationRefused as refusal:
            raise _refused(str(refusal), request_id, reason=refusal.reason) from None
        raise _refused("Use a bearer token: Authorization: Bearer <access token>.", request_id)

    async def claims(self, token: str) -> AccessClaims:
        """What a token says that is worth something now.

        Raises:
            AccessTokenInvalid: not a token of ours.
            AccessTokenExpired: its time is over.
            AccessEnded: its session or its person's access was ended.
        """
        claims = await self._verifier.verify(token)
        if self._revocations.is_revoked(
            user_id=claims.user_id, session_id=claims.session_id, generation=claims.generation
        ):
            raise AccessEnded
        return claims


@lru_cache(ADDRESSES_MAX)
def nobody(address: str) -> Authenticated:
    """Whoever calls from there without a credential."""
    return Authenticated(Actor.anonymous(address=address))


def actor_of(claims: AccessClaims, *, address: str) -> Actor:
    """The person of a token."""
    return Actor.person(claims.user_id, claims.session_id, claims.roles, address=address)


def token_in(credential: object) -> str | None:
    """The token of a bearer credential."""
    if isinstance(credential, str) and credential[: len(SCHEME)].lower() == SCHEME:
        return credential[len(SCHEME) :].strip() or None
    return None


def _refused(message: str, request_id: str, *, reason: str | None = None) -> Refused:
    return Refused(message, code=ErrorCode.AUTHENTICATION_ERROR.value, request_id=request_id, reason=reason)
