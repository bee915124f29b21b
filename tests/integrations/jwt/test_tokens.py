"""What a token says is believed only when everything about it is right."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from domain.identity.errors import AccessTokenExpired, AccessTokenInvalid
from domain.identity.signing_key import RETIREMENT
from domain.ids import IdKind, encode_id, new_id
from integrations.jwt.key_pair import open_private_key, public_key_of
from integrations.jwt.token_verifier import JwtVerifier
from tests.integrations.jwt.conftest import NOON, SEALER, KeyStore, claims_at

GOOD: dict[str, Any] = {
    "iss": "sokoni",
    "sub": encode_id(IdKind.USER, new_id()),
    "sid": encode_id(IdKind.SESSION, new_id()),
    "roles": ["CUSTOMER"],
    "gen": 0,
    "iat": int(NOON.timestamp()),
    "exp": int(NOON.timestamp()) + 900,
    "jti": str(new_id()),
}


def signed(store: KeyStore, body: dict[str, Any], **header: str) -> str:
    """A token of our own key that says whatever the test likes."""
    key = store.keys[0]
    private = open_private_key(key, SEALER)
    return jwt.encode(body, private, algorithm="ES256", headers={"kid": key.kid, **header})


async def test_what_was_said_is_read(store: KeyStore) -> None:
    process, claims = store.process(), claims_at(NOON)

    token = await process.issuer.issue(claims)

    assert await process.verifier.verify(token) == claims
    assert jwt.get_unverified_header(token) == {"alg": "ES256", "typ": "JWT", "kid": store.keys[0].kid}
    body = jwt.decode(token, options={"verify_signature": False})
    assert (body["iss"], body["roles"], body["gen"]) == ("sokoni", ["ADMIN", "CUSTOMER"], 3)
    assert (body["sub"], body["exp"] - body["iat"]) == (encode_id(IdKind.USER, claims.user_id), 900)


async def test_a_token_is_over_after_fifteen_minutes_also_when_it_is_remembered(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(NOON))
    store.later(timedelta(minutes=14, seconds=59))
    await process.verifier.verify(token)

    store.later(timedelta(seconds=1))

    for _ in range(2):
        with pytest.raises(AccessTokenExpired):
            await process.verifier.verify(token)


@pytest.mark.parametrize("claim", sorted(GOOD))
async def test_every_claim_is_required(store: KeyStore, claim: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != claim}

    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(signed(store, body))


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "somebody else"},
        {"sub": GOOD["sid"]},
        {"sub": "usr_1"},
        {"sid": GOOD["sub"]},
        {"roles": ["EMPEROR"]},
        {"roles": 7},
        {"gen": "many"},
        {"gen": None},
        {"jti": "seven"},
        {"exp": "soon"},
        {"exp": 10**20},
        {"iat": int(NOON.timestamp()) + 3_600},
        {"nbf": int(NOON.timestamp()) + 10**9},
    ],
)
async def test_claims_of_another_form_are_refused(store: KeyStore, wrong: dict[str, Any]) -> None:
    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(signed(store, GOOD | wrong))


async def test_a_good_token_made_by_hand_is_accepted(store: KeyStore) -> None:
    assert (await store.process().verifier.verify(signed(store, GOOD))).generation == 0


async def test_a_token_without_signature_is_refused(store: KeyStore) -> None:
    token = jwt.encode(GOOD, "", algorithm="none", headers={"kid": store.keys[0].kid})

    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(token)


async def test_the_public_key_is_no_secret_to_sign_with(store: KeyStore) -> None:
    pem = public_key_of(store.keys[0]).public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    head, body = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()
        for part in ({"alg": "HS256", "typ": "JWT", "kid": store.keys[0].kid}, GOOD)
    )
    mac = jwt.api_jws.PyJWS().get_algorithm_by_name("HS256").sign(f"{head}.{body}".encode(), pem)
    token = f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"

    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(token)


async def test_a_changed_token_is_refused(store: KeyStore) -> None:
    head, body, signature = signed(store, GOOD).split(".")
    richer = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))) | {"roles": ["ADMIN"]}
    changed = base64.urlsafe_b64encode(json.dumps(richer).encode()).rstrip(b"=").decode()

    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(f"{head}.{changed}.{signature}")


@pytest.mark.parametrize(
    "token", ["", ".", "a.b.c", "x" * 5_000, "\ud800.a.b", "Bearer a.b.c", "eyJhbGciOiJub25lIn0.e30."]
)
async def test_what_is_no_token_is_refused(store: KeyStore, token: str) -> None:
    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(token)


async def test_a_token_that_names_no_key_is_refused(store: KeyStore) -> None:
    token = jwt.encode(GOOD, open_private_key(store.keys[0], SEALER), algorithm="ES256")

    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(token)


async def test_what_is_remembered_is_bounded(store: KeyStore) -> None:
    process = store.process()
    verifier = JwtVerifier(process.ring, clock=store, remembered_max=3)
    tokens = {await process.issuer.issue(claims): claims for claims in (claims_at(NOON) for _ in range(5))}

    for token, claims in [*tokens.items(), *tokens.items()]:
        assert await verifier.verify(token) == claims

    assert verifier.remembered == 3


async def test_an_expired_token_is_not_remembered(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(NOON))
    await process.verifier.verify(token)
    store.later(timedelta(minutes=15))

    with pytest.raises(AccessTokenExpired):
        await process.verifier.verify(token)

    assert process.verifier.remembered == 0


async def test_a_remembered_token_does_not_lend_its_name_to_another_signature(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(NOON))
    await process.verifier.verify(token)
    head, body, signature = token.split(".")
    forged = f"{head}.{body}.{signature[::-1]}"

    for _ in range(2):
        with pytest.raises(AccessTokenInvalid):
            await process.verifier.verify(forged)

    assert process.verifier.remembered == 1


async def test_a_remembered_token_ends_with_its_key(store: KeyStore) -> None:
    process = store.process()
    long_lived = signed(store, GOOD | {"exp": int((NOON + timedelta(days=1)).timestamp())})
    store.rotate()
    await process.verifier.verify(long_lived)
    store.is_away = True

    store.later(RETIREMENT - timedelta(seconds=1))
    await process.verifier.verify(long_lived)
    store.later(timedelta(seconds=1))

    with pytest.raises(AccessTokenInvalid):
        await process.verifier.verify(long_lived)
    assert process.verifier.remembered == 0


async def test_a_remembered_token_of_a_key_that_was_withdrawn_is_refused_within_a_minute(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(NOON))
    await process.verifier.verify(token)
    store.keys.clear()

    store.later(timedelta(seconds=59))
    await process.verifier.verify(token)
    store.later(timedelta(seconds=1))

    with pytest.raises(AccessTokenInvalid):
        await process.verifier.verify(token)


async def test_a_remembered_token_is_asked_about_as_soon_as_keys_were_read(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(NOON))
    await process.verifier.verify(token)
    store.keys.clear()

    await process.ring.reload()

    with pytest.raises(AccessTokenInvalid):
        await process.verifier.verify(token)


async def test_remembered_tokens_do_not_read_the_keys_each_time(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(NOON))

    for _ in range(3):
        for _ in range(10):
            await process.verifier.verify(token)
        store.later(timedelta(minutes=1))

    assert store.reads == 3
