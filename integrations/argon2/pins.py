"""PINs: a million possibilities, so the hash is keyed and slow."""

from __future__ import annotations

import asyncio
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from domain.gateways import SecretHasher
from domain.ids import UserId

# About 25 ms of one core and 19 MiB, the OWASP minimum for argon2id. The key does what more work could not: with the
# table alone, not one PIN can be tried out.
_TIME_COST: Final = 2
_MEMORY_KIB: Final = 19 * 1024
_PARALLELISM: Final = 1
_AT_ONCE: Final = 4


class Argon2Pins:
    """Argon2id over a keyed digest of the person and the PIN, in a thread; a few at once, for each takes memory."""

    def __init__(self, secrets: SecretHasher) -> None:
        self._secrets = secrets
        self._hasher = PasswordHasher(time_cost=_TIME_COST, memory_cost=_MEMORY_KIB, parallelism=_PARALLELISM)
        self._turns = asyncio.Semaphore(_AT_ONCE)

    async def hashed(self, pin: str, *, user_id: UserId) -> str:
        """What is kept of a PIN."""
        async with self._turns:
            return await asyncio.to_thread(self._hasher.hash, self._secrets.digest("pin", str(user_id), pin))

    async def is_right(self, pin: str, *, user_id: UserId, hashed: str) -> bool:
        """Whether this is the PIN that was hashed for this person."""
        async with self._turns:
            return await asyncio.to_thread(self._matches, self._secrets.digest("pin", str(user_id), pin), hashed)

    def _matches(self, digest: bytes, hashed: str) -> bool:
        try:
            return self._hasher.verify(hashed, digest)
        except VerifyMismatchError:
            return False
