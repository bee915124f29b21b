"""The key pair of the Daraja-shaped server, and its certificate, by which passwords are sealed for it."""

from __future__ import annotations

import base64
import binascii
import hmac
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

KEY_BITS: Final = 2048
PUBLIC_EXPONENT: Final = 65537
LIFE: Final = timedelta(days=3650)


class SandboxKey:
    """Made when it is first needed, and never kept."""

    @cached_property
    def _private(self) -> RSAPrivateKey:
        return generate_private_key(public_exponent=PUBLIC_EXPONENT, key_size=KEY_BITS)

    @cached_property
    def certificate(self) -> bytes:
        """In PEM, as Daraja gives its own."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox.daraja")])
        now = datetime.now(UTC)
        builder = x509.CertificateBuilder(
            issuer_name=name,
            subject_name=name,
            public_key=self._private.public_key(),
            serial_number=x509.random_serial_number(),
            not_valid_before=now - timedelta(days=1),
            not_valid_after=now + LIFE,
        )
        return builder.sign(self._private, SHA256()).public_bytes(Encoding.PEM)

    def holds(self, credential: object, password: str) -> bool:
        """Whether this password was sealed."""
        try:
            opened = self._private.decrypt(base64.b64decode(str(credential), validate=True), PKCS1v15())
        except (binascii.Error, ValueError):
            return False
        return hmac.compare_digest(opened, password.encode())
