"""Manifests: three forms, ids of four kinds, and nothing else."""

from __future__ import annotations

import hashlib
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.operations.manifest import MANIFEST_MAX, ManifestEntry, read_manifest

TEXT = "query Me { viewer { id } }"
SHA256 = hashlib.sha256(TEXT.encode()).hexdigest()
SHA1 = hashlib.sha1(TEXT.encode()).hexdigest()
MD5 = hashlib.md5(TEXT.encode()).hexdigest()
APOLLO: dict[str, Any] = {"format": "apollo-persisted-query-manifest", "version": 1}
OPERATION = {"id": SHA256, "name": "Me", "type": "query", "body": TEXT}


def test_apollos_list_is_read() -> None:
    assert read_manifest({**APOLLO, "operations": [OPERATION]}) == (
        ManifestEntry(id=SHA256, body=TEXT, name="Me", type="query"),
    )


@pytest.mark.parametrize("id_", [MD5, SHA1, SHA256, f"sha256:{SHA256}"])
def test_maps_of_relay_and_of_graphql_codegen_are_read(id_: str) -> None:
    [entry] = read_manifest({id_: TEXT})

    assert (entry.id, entry.body, entry.name, entry.type) == (id_, TEXT, None, None)
    assert entry.is_named_rightly
    assert entry.document_id == f"sha256:{SHA256}"
    assert entry.alias == (id_ if id_ in (MD5, SHA1) else None)


@pytest.mark.parametrize(
    "id_",
    [
        "",
        "me",
        MD5[:-1] + ("0" if MD5[-1] != "0" else "1"),
        SHA256.upper(),
        f"sha1:{SHA1}",
        f"sha256:{SHA1}",
        f"sha256:{MD5}",
        f"sha256:sha256:{SHA256}",
        hashlib.sha512(TEXT.encode()).hexdigest(),
        hashlib.sha256(f"{TEXT} ".encode()).hexdigest(),
    ],
)
def test_an_id_that_is_no_digest_of_the_text_is_wrong(id_: str) -> None:
    assert not ManifestEntry(id=id_, body=TEXT).is_named_rightly


@pytest.mark.parametrize(
    "manifest",
    [
        None,
        "{}",
        [],
        [OPERATION],
        {},
        {SHA256: None},
        {SHA256: {"body": TEXT}},
        {"operations": [OPERATION]},
        {**APOLLO, "operations": []},
        {**APOLLO, "operations": OPERATION},
        {**APOLLO, "version": 2, "operations": [OPERATION]},
        {**APOLLO, "format": "relay", "operations": [OPERATION]},
        {**APOLLO, "operations": [{**OPERATION, "id": 1}]},
        {**APOLLO, "operations": [{"id": SHA256, "body": TEXT}]},
        {**APOLLO, "operations": [OPERATION] * (MANIFEST_MAX + 1)},
    ],
)
def test_what_is_no_manifest_is_refused(manifest: object) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_manifest(manifest)

    assert [fault.path for fault in refused.value.faults] == [("manifest",)]


LEAVES = st.none() | st.booleans() | st.integers() | st.text()
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@given(JSON)
def test_no_json_is_more_than_refused(manifest: object) -> None:
    with suppress(InvalidInput):
        for entry in read_manifest(manifest):
            assert entry.is_named_rightly in (True, False)


@pytest.mark.parametrize("body", [f"{TEXT} # \0", f"{TEXT} # \ud800"])
def test_what_storage_would_not_take_is_no_text(body: str) -> None:
    assert not ManifestEntry(id=SHA256, body=body).is_text
    assert ManifestEntry(id=SHA256, body=f"{TEXT} # Grüße 🛒").is_text
