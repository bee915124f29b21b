"""Sealed text opens where it belongs and nowhere else; digests tell apart what differs."""

from __future__ import annotations

import pytest

from integrations.sealing.digests import KeyedDigests
from integrations.sealing.sealer import AesSealer

SEALER = AesSealer(b"\x01" * 32)


@pytest.mark.parametrize("text", ["", "482913", "Habari yako? ħäßärï 🛒", "x" * 100_000])
def test_what_was_sealed_is_read(text: str) -> None:
    assert SEALER.unseal(SEALER.seal(text, about="row 1"), about="row 1") == text


def test_the_same_text_looks_different_each_time() -> None:
    seals = {SEALER.seal("482913", about="row 1") for _ in range(100)}

    assert len(seals) == 100
    assert all(b"482913" not in sealed for sealed in seals)


def test_a_text_moved_to_another_row_does_not_open() -> None:
    with pytest.raises(ValueError, match="sealed under another key"):
        SEALER.unseal(SEALER.seal("482913", about="row 1"), about="row 2")


def test_another_key_opens_nothing() -> None:
    with pytest.raises(ValueError, match="sealed under another key"):
        AesSealer(b"\x02" * 32).unseal(SEALER.seal("482913", about="row 1"), about="row 1")


def test_any_altered_byte_is_noticed() -> None:
    sealed = SEALER.seal("482913", about="row 1")

    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(ValueError, match="sealed"):
            SEALER.unseal(bytes(altered), about="row 1")


@pytest.mark.parametrize("rubbish", [b"", b"\x01", b"\x01" + b"s" * 16, b"\x02" + b"s" * 60, b"plain text"])
def test_rubbish_is_no_sealed_text(rubbish: bytes) -> None:
    with pytest.raises(ValueError, match="sealed"):
        SEALER.unseal(rubbish, about="row 1")


def test_digests_differ_by_key_purpose_and_parts() -> None:
    one, other = KeyedDigests(b"\x01" * 32), KeyedDigests(b"\x02" * 32)
    digests = [
        one.digest("a", "b", "c"),
        other.digest("a", "b", "c"),
        one.digest("b", "b", "c"),
        one.digest("a", "bc"),
        one.digest("a", "", "bc"),
        one.digest("a", "b", "c", ""),
        one.digest("a"),
    ]

    assert len(set(digests)) == len(digests)
    assert {len(digest) for digest in digests} == {32}
    assert one.digest("a", "b", "c") == digests[0]
