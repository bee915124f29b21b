"""Keys and signatures as phones and browsers make them; nothing else."""

from __future__ import annotations

import json

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from integrations.ecdsa.device_signatures import P256Signatures
from tests.makers.device_keys import HeldKey

SIGNATURES = P256Signatures()
TEXT = b"words"


def pem(public: rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> str:
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return public.public_bytes(serialization.Encoding.PEM, form).decode()


def test_pem_and_jwk_are_the_same_key() -> None:
    held = HeldKey()

    key = SIGNATURES.read_public_key(held.pem)

    assert key is not None
    assert SIGNATURES.read_public_key(json.dumps(held.jwk)) == key


def test_both_forms_of_a_signature_are_accepted() -> None:
    held = HeldKey()
    key = SIGNATURES.read_public_key(held.pem)
    assert key is not None

    assert SIGNATURES.is_signed(TEXT, signature=held.sign(TEXT), public_key=key)
    assert SIGNATURES.is_signed(TEXT, signature=held.sign_raw(TEXT), public_key=key)


def test_another_text_or_another_key_is_not_signed() -> None:
    held = HeldKey()
    key = SIGNATURES.read_public_key(held.pem)
    assert key is not None

    assert not SIGNATURES.is_signed(b"other words", signature=held.sign(TEXT), public_key=key)
    assert not SIGNATURES.is_signed(TEXT, signature=HeldKey().sign(TEXT), public_key=key)


@pytest.mark.parametrize("signature", ["", "????", "AAAA", "ä", "A" * 86, "A" * 10_000, "MEUCIQ=="])
def test_what_is_no_signature_signs_nothing(signature: str) -> None:
    key = SIGNATURES.read_public_key(HeldKey().pem)
    assert key is not None

    assert not SIGNATURES.is_signed(TEXT, signature=signature, public_key=key)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not a key",
        "{}",
        "{",
        "[]",
        json.dumps(HeldKey().jwk | {"crv": "P-384"}),
        json.dumps(HeldKey().jwk | {"x": HeldKey().jwk["y"]}),
        json.dumps(HeldKey().jwk | {"x": "AA"}),
        json.dumps(HeldKey().jwk | {"d": "AA"}),
        json.dumps(HeldKey().jwk | {"x": 7}),
        pem(ec.generate_private_key(ec.SECP384R1()).public_key()),
        pem(rsa.generate_private_key(65537, 2048).public_key()),
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        HeldKey().pem + " " * 2_000,
        "\ud800",
    ],
)
def test_what_is_no_p256_public_key_is_not_read(text: str) -> None:
    assert SIGNATURES.read_public_key(text) is None


def test_a_private_key_is_not_taken() -> None:
    private = HeldKey().private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )

    assert SIGNATURES.read_public_key(private.decode()) is None
