"""What a program signs of a request, and how: HMAC-SHA256 over the parts that decide what is asked."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

SCHEME: Final = "SOKONI-HMAC-SHA256"
CLOCKS_DIFFER: Final = timedelta(minutes=5)
"""How far the signer's clock may be from ours, to either side."""
_MILLISECOND: Final = timedelta(milliseconds=1)
_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedRequest:
    """A request as it is signed. `target` is path and query as they were sent; the time is in Unix milliseconds."""

    method: str
    target: str
    timestamp_ms: int
    body: bytes

    @property
    def text(self) -> str:
        """Five lines: scheme, method, target, time, and the body's SHA-256 in hexadecimal digits."""
        digest = hashlib.sha256(self.body).hexdigest()
        return "\n".join((SCHEME, self.method, self.target, str(self.timestamp_ms), digest))

    def signature(self, secret: str) -> str:
        """64 hexadecimal digits."""
        return hmac.digest(secret.encode(), self.text.encode(), hashlib.sha256).hex()

    def is_signed(self, signature: str, *, secret: str) -> bool:
        """Whether this is its signature; how long the answer takes says nothing of how much of it is right."""
        return hmac.compare_digest(self.signature(secret).encode(), signature.encode())

    def is_timely(self, at: datetime) -> bool:
        """Whether it was signed lately, as far as clocks agree."""
        return abs((at - _ORIGIN) // _MILLISECOND - self.timestamp_ms) <= CLOCKS_DIFFER // _MILLISECOND
