"""Public ids as anybody may send them."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from uuid import RFC_4122, UUID

import pytest

from domain.errors import InvalidInput
from domain.ids import IdKind, decode_id, encode_id, encoder_of, kind_of_id, new_id


def test_an_id_is_read_as_it_was_written() -> None:
    made = new_id()

    assert decode_id(IdKind.USER, encode_id(IdKind.USER, made)) == made
    assert decode_id(IdKind.USER, encode_id(IdKind.USER, made).lower()) == made
    assert decode_id(IdKind.USER, "usr_7ZZZZZZZZZZZZZZZZZZZZZZZZZ") == UUID(int=2**128 - 1)


def test_an_encoder_writes_what_encode_id_writes() -> None:
    made, encoded = [new_id() for _ in range(3)], encoder_of(IdKind.LISTING)

    assert [encoded(id) for id in (*made, *made)] == [encode_id(IdKind.LISTING, id) for id in (*made, *made)]
    assert kind_of_id(encoded(made[0])) is IdKind.LISTING
    assert kind_of_id("xyz_0") is None


def test_ids_made_at_once_are_of_version_7_and_all_different() -> None:
    with ThreadPoolExecutor(4) as threads:
        made = [each for part in threads.map(lambda _: [new_id() for _ in range(5_000)], range(4)) for each in part]

    assert len({each.int & (1 << 62) - 1 for each in made}) == len(made)
    assert {(each.version, each.variant) for each in made} == {(7, RFC_4122)}


def test_a_copy_of_the_process_draws_its_own() -> None:
    # The copy has written and ended before the first draws: two that write at once write into each other's lines.
    script = (
        "import os; from domain.ids import new_id; new_id(); child = os.fork(); child and os.waitpid(child, 0);"
        "print(*(str(new_id())[19:] for _ in range(3)), flush=True)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    drawn = done.stdout.split()
    assert len(set(drawn)) == len(drawn) == 6


@pytest.mark.parametrize("value", [0, 1, 2**30, 2**60 - 1, 2**90, 2**127 + 2**63])
def test_digits_sort_like_the_id(value: int) -> None:
    lower, higher = (encode_id(IdKind.USER, UUID(int=number)) for number in (value, value + 1))

    assert lower < higher
    assert decode_id(IdKind.USER, lower).int == value


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
        "usr_0000000000000000000000_000",
        "usr_ 0000000000000000000000000",
        "usr_+0000000000000000000000000",
        "usr_-0000000000000000000000000",
    ],
)
def test_what_is_no_id_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput):
        decode_id(IdKind.USER, text)


def test_a_very_long_id_is_refused_by_its_length() -> None:
    with pytest.raises(InvalidInput):
        decode_id(IdKind.USER, "usr_" + "A" * 1_000_000)
