"""Public ids as anybody may send them."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.errors import InvalidInput
from domain.ids import IdKind, decode_id, encode_id, new_id


def test_an_id_is_read_as_it_was_written() -> None:
    made = new_id()

    assert decode_id(IdKind.USER, encode_id(IdKind.USER, made)) == made
    assert decode_id(IdKind.USER, encode_id(IdKind.USER, made).lower()) == made
    assert decode_id(IdKind.USER, "usr_7ZZZZZZZZZZZZZZZZZZZZZZZZZ") == UUID(int=2**128 - 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "usr_",
        "usr_0",
        "wal_00000000000000000000000000",
        "usr_8ZZZZZZZZZZZZZZZZZZZZZZZZZ",
        "usr_0000000000000000000000000U",
        "usr_0000000000000000000000000ß",
    ],
)
def test_what_is_no_id_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        decode_id(IdKind.USER, text)


def test_a_very_long_id_is_refused_by_its_length() -> None:
    with pytest.raises(InvalidInput):
        decode_id(IdKind.USER, "usr_" + "A" * 1_000_000)
