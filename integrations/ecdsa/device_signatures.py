"""Devices' public keys and what they signed, in the forms that phones and browsers produce."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any, Final

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

_TEXT_MAX: Final = 2_000
_COORDINATE_BYTES: Final = 32


class P256Signatures:
    """ECDSA with SHA-256. Keys come as PEM (Android, iOS) or JWK (browsers), signatures as DER or as r‖s."""

    def read_public_key(self, text: str) -> bytes | None:
        """The key in SPKI, or None when it is no public key on this curve."""
        if len(text) > _TEXT_MAX:
            return None
        try:
            key = _of_jwk(text) if text.lstrip().startswith("{") else serialization.load_pem_public_key(text.encode())
        except (ValueError, UnsupportedAlgorithm):
            return None
        if not isinstance(key, ec.EllipticCurvePublicKey) or not isinstance(key.curve, ec.SECP256R1):
            return None
        return key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)

    def is_signed(self, text: bytes, *, signature: str, public_key: bytes) -> bool:
        """Whether the key signed the text."""
        key = serialization.load_der_public_key(public_key)
        assert isinstance(key, ec.EllipticCurvePublicKey), "only such keys are kept"
        try:
            key.verify(_der(_unbase64(signature)), text, ec.ECDSA(SHA256()))
        except (InvalidSignature, ValueError):
            return False
        return True


def _of_jwk(text: str) -> ec.EllipticCurvePublicKey:
    """Raises ValueError for anything but the public JWK of a point on the curve."""
    jwk: Any = json.loads(text)
    is_public = isinstance(jwk, dict) and jwk.get("kty") == "EC" and jwk.get("crv") == "P-256" and "d" not in jwk
    if not is_public:
        raise ValueError("not a public JWK on P-256")
    x, y = (_unbase64(str(jwk.get(name, ""))) for name in ("x", "y"))
    if len(x) != _COORDINATE_BYTES or len(y) != _COORDINATE_BYTES:
        raise ValueError("coordinates of P-256 have 32 bytes")
    return ec.EllipticCurvePublicNumbers(int.from_bytes(x), int.from_bytes(y), ec.SECP256R1()).public_key()


def _der(signature: bytes) -> bytes:
    if len(signature) != 2 * _COORDINATE_BYTES:
        return signature
    halves = signature[:_COORDINATE_BYTES], signature[_COORDINATE_BYTES:]
    return encode_dss_signature(*(int.from_bytes(half) for half in halves))


def _unbase64(text: str) -> bytes:
    """Standard or URL-safe, with or without padding; raises ValueError for anything else."""
    plain = text.strip().rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error as refused:
        raise ValueError("not base64") from refused
