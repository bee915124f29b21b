"""The keys that access tokens are signed with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from domain.identity.access import ACCESS_LIFETIME

# A process may go on signing with the key it knows until it looks again (60 s); clocks may differ by as much.
RETIREMENT: Final = ACCESS_LIFETIME + timedelta(minutes=2)


@dataclass(eq=False, kw_only=True)
class SigningKey:
    """One key pair. The one that is not retired signs; all verify until the last token they signed has expired."""

    kid: str
    public_key: bytes
    sealed_private_key: bytes
    created_at: datetime
    retired_at: datetime | None = None
    verifies_until: datetime | None = None

    def retire(self, *, at: datetime) -> None:
        """Another key signs from now on."""
        assert self.retired_at is None, "a key retires once"
        self.retired_at, self.verifies_until = at, at + RETIREMENT
