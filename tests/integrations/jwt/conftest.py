"""A store of keys and a clock that only the test moves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest

from domain.identity.access import AccessClaims
from domain.identity.roles import Role
from domain.identity.signing_key import SigningKey
from domain.ids import SessionId, UserId, new_id
from integrations.jwt.key_pair import new_signing_key
from integrations.jwt.key_ring import KeyRing
from integrations.jwt.token_issuer import JwtIssuer
from integrations.jwt.token_verifier import JwtVerifier
from integrations.sealing.sealer import AesSealer

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SEALER = AesSealer(b"\x01" * 32)


@dataclass
class KeyStore:
    """The table of keys, as several processes read it."""

    now_is: datetime = NOON
    keys: list[SigningKey] = field(default_factory=list)
    reads: int = 0
    is_away: bool = False

    def now(self) -> datetime:
        return self.now_is

    def later(self, step: timedelta) -> None:
        self.now_is += step

    def rotate(self) -> SigningKey:
        """Let a new key sign."""
        for key in self.keys:
            if key.retired_at is None:
                key.retire(at=self.now_is)
        key = new_signing_key(SEALER, at=self.now_is)
        self.keys.insert(0, key)
        return key

    async def load(self, at: datetime) -> Sequence[SigningKey]:
        self.reads += 1
        if self.is_away:
            raise ConnectionError("the database is away")
        return [key for key in self.keys if key.verifies_until is None or key.verifies_until > at]

    def process(self) -> Process:
        """Another process with a ring of its own."""
        ring = KeyRing(self.load, sealer=SEALER, clock=self)
        return Process(ring, JwtIssuer(ring), JwtVerifier(ring, clock=self))


@dataclass
class Process:
    """What one process knows of the keys."""

    ring: KeyRing
    issuer: JwtIssuer
    verifier: JwtVerifier


@pytest.fixture
def store() -> KeyStore:
    """A store with one key."""
    store = KeyStore()
    store.rotate()
    return store


def claims_at(at: datetime) -> AccessClaims:
    """What a token says that is made at this instant."""
    return AccessClaims(
        user_id=UserId(new_id()),
        session_id=SessionId(new_id()),
        roles=frozenset({Role.CUSTOMER, Role.ADMIN}),
        generation=3,
        issued_at=at,
        expires_at=at + timedelta(minutes=15),
        token_id=new_id(),
    )
