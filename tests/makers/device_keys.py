"""A device that holds a key, as a phone or a browser does."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256


@dataclass
class HeldKey:
    """A private key on P-256."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def pem(self) -> str:
        """The public half as a phone exports it."""
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        return self.private.public_key().public_bytes(encoding, form).decode()

    @property
    def jwk(self) -> dict[str, str]:
        """The public half as a browser exports it."""
        numbers = self.private.public_key().public_numbers()
        x, y = (base64.urlsafe_b64encode(part.to_bytes(32)).decode().rstrip("=") for part in (numbers.x, numbers.y))
        return {"kty": "EC", "crv": "P-256", "x": x, "y": y}

    def sign(self, text: bytes) -> str:
        """As a phone signs: DER, base64."""
        return base64.b64encode(self.private.sign(text, ec.ECDSA(SHA256()))).decode()

    def sign_raw(self, text: bytes) -> str:
        """As a browser signs: both numbers with 32 bytes each, URL-safe base64."""
        r, s = decode_dss_signature(self.private.sign(text, ec.ECDSA(SHA256())))
        return base64.urlsafe_b64encode(r.to_bytes(32) + s.to_bytes(32)).decode().rstrip("=")
