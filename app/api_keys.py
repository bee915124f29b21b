"""From a signed request to an actor: the key is known, the signature its own, timely, and from where it may come."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Final

from app.uses import Uses
from db.read_pool import ReadPool
from db.reads.api_keys import CheckedKeyRow, checked_key
from domain.clock import Clock
from domain.errors import InvalidInput
from domain.gateways import Sealer
from domain.identity.access import AccessClaims
from domain.identity.actor import Actor
from domain.identity.api_key import ActingKey, is_within, secret_label
from domain.identity.api_key_errors import (
    AddressNotAllowed,
    ApiKeyIsRevoked,
    BodyNotSigned,
    SignatureExpired,
    SignatureInvalid,
)
from domain.identity.errors import UserIsBlocked
from domain.identity.signed_request import SignedRequest
from domain.identity.user import is_shut_out
from domain.ids import ApiKeyId, IdKind, SessionId, decode_id
from domain.instants import as_instant
from transport.surroundings import Caller

SCHEME: Final = "sokoni-hmac-sha256 "
FORMS: Final = b"multipart/"
OPEN_AT_MOST: Final = timedelta(hours=24)
"""How long a socket or a stream stays open on one signature."""
SECRETS_REMEMBERED_MAX: Final = 1_024
_DIGITS: Final = re.compile(r"[0-9]{1,15}", re.ASCII)
_SIGNATURE: Final = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Presented:
    """What a signed request says of itself."""

    key_id: ApiKeyId
    timestamp_ms: int
    signature: str


@dataclass(frozen=True, slots=True)
class KnownKey:
    """An actor by a key, what stands for the key's access, and the signature that let it in."""

    actor: Actor
    claims: AccessClaims
    signature: bytes


class ApiKeyAuthentication:
    """Every request reads its key and its owner, so a revoked key and a blocked owner are out at once."""

    def __init__(self, reads: ReadPool, *, sealer: Sealer, clock: Clock, uses: Uses) -> None:
        self._reads, self._sealer, self._clock, self._uses = reads, sealer, clock, uses
        # Opening a secret costs more than everything else about a request.
        self._secret = lru_cache(SECRETS_REMEMBERED_MAX)(self._unsealed)

    async def of(self, credential: str, caller: Caller) -> KnownKey:
        """The actor of an `Authorization` value; a socket's is signed as its handshake, without a body.

        Raises:
            SignatureInvalid: no such key, or it did not sign this.
            BodyNotSigned: the body is a form.
            SignatureExpired: it was signed too long ago, or too far ahead.
            ApiKeyIsRevoked: the key is worth nothing any more.
            UserIsBlocked: its owner may not act.
            AddressNotAllowed: it may not be used from this address.
        """
        presented = presented_in(credential)
        if caller.headers.get(b"content-type", b"").lower().startswith(FORMS):
            raise BodyNotSigned
        request = SignedRequest(
            method=caller.method,
            target=caller.target,
            timestamp_ms=presented.timestamp_ms,
            body=await caller.body.whole(),
        )
        if not request.is_timely(self._clock.now()):
            raise SignatureExpired
        key = await checked_key(self._reads, presented.key_id)
        if key is None or not request.is_signed(presented.signature, secret=self._secret(key.id, key.sealed_secret)):
            raise SignatureInvalid
        self._require_access(key, caller.address)
        self._uses.of_key(key.id)
        acting = ActingKey(key.id, key.kind)
        actor = Actor.by_key(acting, key.owner_id, frozenset(key.roles), address=caller.address)
        return KnownKey(actor, self._claims(key, actor), bytes.fromhex(presented.signature))

    def _require_access(self, key: CheckedKeyRow, address: str) -> None:
        if key.revoked_at is not None:
            raise ApiKeyIsRevoked
        until = as_instant(key.blocked_until)
        if is_shut_out(key.status, until=until, at=self._clock.now()):
            raise UserIsBlocked(because=key.blocked_reason or "", until=until)
        if not is_within(address, key.networks):
            raise AddressNotAllowed

    def _claims(self, key: CheckedKeyRow, actor: Actor) -> AccessClaims:
        now = self._clock.now()
        return AccessClaims(
            user_id=key.owner_id,
            session_id=SessionId(key.id),
            roles=actor.roles,
            generation=key.generation,
            issued_at=now,
            expires_at=now + OPEN_AT_MOST,
            token_id=key.id,
        )

    def _unsealed(self, key_id: ApiKeyId, sealed: bytes) -> str:
        return self._sealer.unseal(sealed, about=secret_label(key_id))


def is_signed(credential: object) -> bool:
    """Whether this `Authorization` value is meant as a signature."""
    return isinstance(credential, str) and credential[: len(SCHEME)].lower() == SCHEME


def presented_in(credential: str) -> Presented:
    """`Sokoni-HMAC-SHA256 key=…,timestamp=…,signature=…`, in any order.

    Raises:
        SignatureInvalid: another form.
    """
    pairs = (pair.partition("=") for pair in credential[len(SCHEME) :].split(","))
    given = {name.strip(): value.strip() for name, _, value in pairs}
    key, timestamp, signature = (given.get(name, "") for name in ("key", "timestamp", "signature"))
    if not _DIGITS.fullmatch(timestamp) or not _SIGNATURE.fullmatch(signature):
        raise SignatureInvalid
    try:
        return Presented(ApiKeyId(decode_id(IdKind.API_KEY, key)), int(timestamp), signature)
    except InvalidInput:
        raise SignatureInvalid from None
