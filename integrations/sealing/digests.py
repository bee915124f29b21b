"""Keyed digests of what must be recognised and never be read back."""

from __future__ import annotations

import hashlib
import hmac

KEY_BYTES = 32


class KeyedDigests:
    """HMAC-SHA256 over the purpose and the parts, each with its length before it so that no two lists look alike."""

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, "a key of full strength"
        self._key = key

    def digest(self, purpose: str, *parts: str) -> bytes:
        """32 bytes for these parts."""
        digest = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in (purpose, *parts):
            text = part.encode()
            digest.update(len(text).to_bytes(8, "big") + text)
        return digest.digest()
