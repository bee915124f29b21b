"""An authenticator: codes that change each half a minute (RFC 6238), as a second factor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.identity.counted_tries import CountedTries
from domain.identity.errors import TotpLocked, TotpWrong
from domain.ids import UserId


@dataclass(eq=False, kw_only=True)
class Totp(CountedTries):
    """A person's authenticator. It counts once a first code of it was shown.

    `last_step` is the half minute of the last code that was taken: a code is good once, and no older one after it.
    `recovery_digests` stand for codes on paper, each good once.
    """

    wrong = TotpWrong
    locked = TotpLocked

    user_id: UserId
    sealed_secret: bytes
    recovery_digests: tuple[bytes, ...] = ()
    last_step: int = 0
    set_up_at: datetime
    confirmed_at: datetime | None = None

    @property
    def is_on(self) -> bool:
        """Whether it is asked."""
        return self.confirmed_at is not None

    def take_step(self, step: int | None) -> bool:
        """Use a code up by its half minute; False when it is none, or not newer than the last."""
        if step is None or step <= self.last_step:
            return False
        self.last_step = step
        return True

    def take_recovery(self, digest: bytes) -> bool:
        """Use a code on paper up; False when it is none that is left."""
        if digest not in self.recovery_digests:
            return False
        self.recovery_digests = tuple(left for left in self.recovery_digests if left != digest)
        return True
