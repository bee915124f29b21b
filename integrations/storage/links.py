"""Links to files that we serve ourselves: who has one may read one file until it expires, and nothing else."""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Final
from urllib.parse import parse_qs, quote, urlencode

from domain.clock import Clock

PATH: Final = "/files/"


class FileLinks:
    """Written with a key of ours, and read with the same."""

    def __init__(self, key: bytes, *, clock: Clock) -> None:
        self._key, self._clock = key, clock

    def write(self, key: str, *, content_type: str, seconds: int) -> str:
        """A path on this API."""
        until = str(int(self._clock.now().timestamp()) + seconds)
        seal = self._seal(key, content_type, until)
        return f"{PATH}{quote(key)}?{urlencode({'type': content_type, 'until': until, 'seal': seal})}"

    def content_type_of(self, key: str, query: str) -> str | None:
        """What the file is, when the link is ours, is for this file, and has not expired."""
        given = {name: values[0] for name, values in parse_qs(query).items()}
        content_type, until, seal = (given.get(name, "") for name in ("type", "until", "seal"))
        if not hmac.compare_digest(seal.encode(), self._seal(key, content_type, until).encode()):
            return None
        return content_type if int(until) > self._clock.now().timestamp() else None

    def _seal(self, key: str, content_type: str, until: str) -> str:
        digest = hmac.digest(self._key, "\n".join((key, content_type, until)).encode(), hashlib.sha256)
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
