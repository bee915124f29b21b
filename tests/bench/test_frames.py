"""Frames are the same however the bytes arrive."""

from __future__ import annotations

import pytest

from bench.frames import PING, TEXT, Fragmented, FrameReader, masked

SHORT = b"\x81\x05hello"
MEDIUM = b"\x81\x7e\x01\x00" + b"m" * 256
LONG = b"\x81\x7f" + (70_000).to_bytes(8) + b"l" * 70_000
KNOCK = b"\x89\x00"


@pytest.mark.parametrize("step", [1, 2, 3, 7, 300, 100_000])
def test_frames_come_out_whole_and_in_order_however_the_bytes_are_cut(step: int) -> None:
    stream = SHORT + MEDIUM + KNOCK + LONG + SHORT
    reader = FrameReader()

    frames = [frame for start in range(0, len(stream), step) for frame in reader.feed(stream[start : start + step])]

    assert frames == [(TEXT, b"hello"), (TEXT, b"m" * 256), (PING, b""), (TEXT, b"l" * 70_000), (TEXT, b"hello")]


def test_a_message_in_fragments_is_refused() -> None:
    with pytest.raises(Fragmented):
        list(FrameReader().feed(b"\x01\x05hello"))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 5_000])
def test_what_is_sent_can_be_unmasked(size: int) -> None:
    payload = bytes(number % 251 for number in range(size))

    frame = masked(TEXT, payload)

    head = 2 if size < 126 else 4
    mask, hidden = frame[head : head + 4], frame[head + 4 :]
    assert frame[0] == 0x81
    assert bytes(byte ^ mask[place % 4] for place, byte in enumerate(hidden)) == payload
