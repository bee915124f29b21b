"""Key pairs for signing tokens: made here, sealed here, never in the clear outside."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from domain.gateways import Sealer
from domain.identity.signing_key import SigningKey

_COORDINATE_BYTES: Final = 32


def new_signing_key(sealer: Sealer, *, at: datetime) -> SigningKey:
    """A fresh key pair; its id is the RFC 7638 thumbprint, so it names this key and no other."""
    private = ec.generate_private_key(ec.SECP256R1())
    kid = thumbprint(private.public_key())
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return SigningKey(
        kid=kid,
        public_key=private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        ),
        sealed_private_key=sealer.seal(pem.decode(), about=_about(kid)),
        created_at=at,
    )


def open_private_key(key: SigningKey, sealer: Sealer) -> ec.EllipticCurvePrivateKey:
    """The private half. ValueError when the master secret is another one than it was sealed under."""
    pem = sealer.unseal(key.sealed_private_key, about=_about(key.kid))
    private = serialization.load_pem_private_key(pem.encode(), password=None)
    assert isinstance(private, ec.EllipticCurvePrivateKey), "only such keys are made here"
    return private


def public_key_of(key: SigningKey) -> ec.EllipticCurvePublicKey:
    """The public half."""
    public = serialization.load_der_public_key(key.public_key)
    assert isinstance(public, ec.EllipticCurvePublicKey), "only such keys are made here"
    return public


def jwk_of(public: ec.EllipticCurvePublicKey, *, kid: str) -> dict[str, str]:
    """The public half as others read it at `/.well-known/jwks.json`."""
    return {**_required_members(public), "kid": kid, "use": "sig", "alg": "ES256"}


def thumbprint(public: ec.EllipticCurvePublicKey) -> str:
    """RFC 7638: a digest of the required members in lexical order."""
    canonical = json.dumps(_required_members(public), sort_keys=True, separators=(",", ":"))
    return _base64url(hashlib.sha256(canonical.encode()).digest())


def _required_members(public: ec.EllipticCurvePublicKey) -> dict[str, str]:
    numbers = public.public_numbers()
    x, y = (_base64url(part.to_bytes(_COORDINATE_BYTES)) for part in (numbers.x, numbers.y))
    return {"crv": "P-256", "kty": "EC", "x": x, "y": y}


def _base64url(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _about(kid: str) -> str:
    return f"signing key {kid}"
