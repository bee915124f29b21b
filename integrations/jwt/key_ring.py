"""The signing keys as one process knows them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec

from domain.clock import Clock
from domain.gateways import Sealer
from domain.identity.signing_key import SigningKey
from integrations.jwt.key_pair import jwk_of, open_private_key, public_key_of

LoadKeys = Callable[[datetime], Awaitable[Sequence[SigningKey]]]

# A retired key verifies for two minutes longer than the last token that a process may sign while it knows no better.
STALE_AFTER: Final = timedelta(seconds=60)
# Tokens with invented key ids must not make us ask the database for each of them.
PAUSE_BETWEEN_LOADS: Final = timedelta(seconds=1)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SigningPair:
    """The key that signs."""

    kid: str
    private: ec.EllipticCurvePrivateKey


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """A key that verifies, for good or until its last token has expired."""

    public: ec.EllipticCurvePublicKey
    until: datetime | None

    def is_valid(self, at: datetime) -> bool:
        """Whether tokens of this key are still accepted."""
        return self.until is None or at < self.until


class NoSigningKey(Exception):
    """The store holds no key that signs: it was never founded."""


class KeyRing:
    """Keys are read when one is unknown, and otherwise once a minute, so that a rotation elsewhere works at once.

    When the store is away, what is known goes on working.
    """

    def __init__(self, load: LoadKeys, *, sealer: Sealer, clock: Clock) -> None:
        self._load, self._sealer, self._clock = load, sealer, clock
        self._signing: SigningPair | None = None
        self._verifying: Mapping[str, VerifyingKey] = {}
        self._tried_at: datetime | None = None
        self._reading = 0
        self._one_at_a_time = asyncio.Lock()

    async def signing(self) -> SigningPair:
        """The key to sign with.

        Raises:
            NoSigningKey: none was ever made.
        """
        await self._refresh(after=STALE_AFTER)
        if self._signing is None:
            raise NoSigningKey
        return self._signing

    async def verifying(self, kid: str) -> ec.EllipticCurvePublicKey | None:
        """The key of this id, while tokens of it are accepted."""
        await self._refresh(after=STALE_AFTER if kid in self._verifying else PAUSE_BETWEEN_LOADS)
        key = self._verifying.get(kid)
        return key.public if key is not None and key.is_valid(self._clock.now()) else None

    @property
    def reading(self) -> int:
        """Counts how often keys were read: while it stays, nothing that was learned of a key has changed."""
        return self._reading

    def trusted_until(self, kid: str) -> datetime:
        """Until when a key that verifies now need not be asked for again, unless keys are read before."""
        assert self._tried_at is not None, "a key was found, so keys were read"
        due, key = self._tried_at + STALE_AFTER, self._verifying.get(kid)
        return due if key is None or key.until is None else min(due, key.until)

    async def public_jwks(self) -> list[dict[str, str]]:
        """Every key that tokens are accepted of, the newest first."""
        await self._refresh(after=PAUSE_BETWEEN_LOADS)
        now = self._clock.now()
        return [jwk_of(key.public, kid=kid) for kid, key in self._verifying.items() if key.is_valid(now)]

    async def reload(self) -> None:
        """Read the keys now."""
        keys = await self._load(self._clock.now())
        signing = next((key for key in keys if key.retired_at is None), None)
        # Opened before anything is replaced: what cannot be read leaves the ring as it was.
        self._signing = None if signing is None else self._pair(signing)
        self._verifying = {key.kid: VerifyingKey(public_key_of(key), key.verifies_until) for key in keys}
        self._reading += 1

    def _pair(self, key: SigningKey) -> SigningPair:
        if self._signing is not None and self._signing.kid == key.kid:
            return self._signing
        return SigningPair(key.kid, open_private_key(key, self._sealer))

    async def _refresh(self, *, after: timedelta) -> None:
        if self._is_fresh(after):
            return
        async with self._one_at_a_time:
            if self._is_fresh(after):
                return
            try:
                await self.reload()
            except Exception:
                if not self._verifying:
                    raise
                _log.exception("signing keys could not be read; those known go on working")
            # Noted when it is done: whoever comes while the first keys are read waits for them with the others.
            self._tried_at = self._clock.now()

    def _is_fresh(self, after: timedelta) -> bool:
        return self._tried_at is not None and self._clock.now() - self._tried_at < after
