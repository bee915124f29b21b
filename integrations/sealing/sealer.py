"""Text that storage keeps and cannot read: AES-256-GCM under a key of its own for every text."""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES: Final = 32
_VERSION: Final = b"\x01"
_SALT_BYTES: Final = 16
_NONCE_BYTES: Final = 12


class AesSealer:
    """Version, salt, ciphertext with its tag. Key and nonce come from the salt, so a nonce never meets a key twice.

    `about` is authenticated: a sealed text that is moved to another row does not open there.
    """

    def __init__(self, key: bytes) -> None:
        assert len(key) == KEY_BYTES, "a key of full strength"
        self._key = key

    def seal(self, text: str, *, about: str) -> bytes:
        """The text, readable by `unseal` with the same `about` only."""
        salt = secrets.token_bytes(_SALT_BYTES)
        cipher, nonce = self._cipher(salt)
        return _VERSION + salt + cipher.encrypt(nonce, text.encode(), about.encode())

    def unseal(self, sealed: bytes, *, about: str) -> str:
        """The text; ValueError when it is not what was sealed here, about this."""
        version, salt, body = sealed[:1], sealed[1 : 1 + _SALT_BYTES], sealed[1 + _SALT_BYTES :]
        if version != _VERSION or len(salt) != _SALT_BYTES:
            raise ValueError("not a sealed text")
        cipher, nonce = self._cipher(salt)
        try:
            return cipher.decrypt(nonce, body, about.encode()).decode()
        except InvalidTag:
            raise ValueError("sealed under another key, about something else, or altered") from None

    def _cipher(self, salt: bytes) -> tuple[AESGCM, bytes]:
        derived = HKDF(SHA256(), length=KEY_BYTES + _NONCE_BYTES, salt=salt, info=b"sealed text").derive(self._key)
        return AESGCM(derived[:KEY_BYTES]), derived[KEY_BYTES:]
