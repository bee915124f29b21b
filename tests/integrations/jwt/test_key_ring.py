"""A rotation works at once everywhere, and nobody is signed out by it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from domain.identity.errors import AccessTokenExpired, AccessTokenInvalid
from domain.identity.signing_key import RETIREMENT, SigningKey
from integrations.jwt.key_pair import open_private_key, public_key_of, thumbprint
from integrations.jwt.key_ring import KeyRing, NoSigningKey
from integrations.jwt.token_verifier import JwtVerifier
from integrations.sealing.sealer import AesSealer
from tests.integrations.jwt.conftest import NOON, SEALER, KeyStore, claims_at

SECOND = timedelta(seconds=1)


async def test_a_token_of_a_new_key_is_accepted_at_once_elsewhere(store: KeyStore) -> None:
    here, elsewhere = store.process(), store.process()
    await elsewhere.verifier.verify(await here.issuer.issue(claims_at(NOON)))

    store.later(2 * SECOND)
    store.rotate()
    rotating = store.process()
    claims = claims_at(store.now())
    token = await rotating.issuer.issue(claims)

    assert await elsewhere.verifier.verify(token) == claims


async def test_the_new_key_signs_everywhere_within_a_minute(store: KeyStore) -> None:
    process = store.process()
    old = (await process.ring.signing()).kid
    new = store.rotate().kid

    store.later(timedelta(seconds=59))
    assert (await process.ring.signing()).kid == old
    store.later(SECOND)
    assert (await process.ring.signing()).kid == new


async def test_tokens_of_the_old_key_live_until_they_expire(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(store.now()))
    store.rotate()

    store.later(timedelta(minutes=14, seconds=59))
    fresh = store.process()
    assert (await fresh.verifier.verify(token)).generation == 3
    store.later(SECOND)
    with pytest.raises(AccessTokenExpired):
        await fresh.verifier.verify(token)


async def test_a_token_signed_with_an_old_key_by_a_process_that_knows_no_better_lives_out_its_time(
    store: KeyStore,
) -> None:
    behind = store.process()
    await behind.ring.signing()
    store.rotate()
    store.later(timedelta(seconds=59))
    token = await behind.issuer.issue(claims_at(store.now()))

    store.later(timedelta(minutes=14, seconds=59))

    assert (await store.process().verifier.verify(token)).generation == 3


async def test_a_retired_key_is_forgotten_in_the_end(store: KeyStore) -> None:
    process = store.process()
    old = (await process.ring.signing()).kid
    store.rotate()

    store.later(RETIREMENT)

    assert await process.ring.verifying(old) is None
    assert [key["kid"] for key in await process.ring.public_jwks()] == [store.keys[0].kid]


async def test_a_known_retired_key_ends_on_time_even_while_the_store_is_away(store: KeyStore) -> None:
    old = store.keys[0].kid
    store.rotate()
    process = store.process()
    await process.ring.signing()
    store.is_away = True

    store.later(RETIREMENT)

    assert await process.ring.verifying(old) is None
    assert await process.ring.verifying(store.keys[0].kid) is not None


async def test_invented_key_ids_do_not_make_us_read_each_time(store: KeyStore) -> None:
    process = store.process()
    await process.ring.signing()
    store.later(SECOND)

    for number in range(50):
        assert await process.ring.verifying(f"invented-{number}") is None

    assert store.reads == 2


async def test_many_at_once_read_once(store: KeyStore) -> None:
    process = store.process()

    await asyncio.gather(*(process.ring.signing() for _ in range(20)))

    assert store.reads == 1


async def test_while_the_store_is_away_what_is_known_goes_on_working(store: KeyStore) -> None:
    process = store.process()
    token = await process.issuer.issue(claims_at(NOON))
    store.is_away = True
    store.later(timedelta(minutes=5))

    assert (await process.verifier.verify(token)).generation == 3
    assert await process.issuer.issue(claims_at(store.now()))


async def test_a_process_that_never_read_a_key_says_so_and_tries_again(store: KeyStore) -> None:
    process = store.process()
    store.is_away = True
    with pytest.raises(ConnectionError):
        await process.ring.signing()

    store.is_away = False

    assert (await process.ring.signing()).kid == store.keys[0].kid


async def test_without_any_key_nothing_is_signed() -> None:
    with pytest.raises(NoSigningKey):
        await KeyStore().process().ring.signing()


async def test_a_key_of_another_master_secret_does_not_open(store: KeyStore) -> None:
    ring = KeyRing(store.load, sealer=AesSealer(b"\x02" * 32), clock=store)

    with pytest.raises(ValueError, match="sealed under another key"):
        await ring.signing()


async def test_the_jwks_shows_public_halves_only(store: KeyStore) -> None:
    store.rotate()

    jwks = await store.process().ring.public_jwks()

    assert [key["kid"] for key in jwks] == [key.kid for key in store.keys]
    for key in jwks:
        assert set(key) == {"kty", "crv", "x", "y", "kid", "use", "alg"}
        assert (key["kty"], key["crv"], key["alg"], key["use"]) == ("EC", "P-256", "ES256", "sig")
        assert (len(key["x"]), len(key["y"])) == (43, 43)


def test_a_key_is_named_by_its_thumbprint_and_sealed(store: KeyStore) -> None:
    [key] = store.keys

    assert key.kid == thumbprint(public_key_of(key))
    assert b"PRIVATE KEY" not in key.sealed_private_key
    assert open_private_key(key, SEALER).public_key() == public_key_of(key)


async def test_an_unknown_key_is_no_token_of_ours(store: KeyStore) -> None:
    stranger = KeyStore()
    stranger.rotate()
    token = await stranger.process().issuer.issue(claims_at(NOON))

    with pytest.raises(AccessTokenInvalid):
        await store.process().verifier.verify(token)


async def test_the_first_requests_of_a_process_wait_together_for_the_keys(store: KeyStore) -> None:
    claims = claims_at(NOON)
    token = await store.process().issuer.issue(claims)

    async def slowly(at: datetime) -> Sequence[SigningKey]:
        await asyncio.sleep(0.01)
        return await store.load(at)

    before = store.reads
    ring = KeyRing(slowly, sealer=SEALER, clock=store)
    verifier = JwtVerifier(ring, clock=store)
    read = await asyncio.gather(*(verifier.verify(token) for _ in range(3)))

    assert read == [claims] * 3
    assert store.reads == before + 1
