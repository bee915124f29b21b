"""Frames as the RFC has them, read whatever the pieces in which they arrive."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from websockets.frames import Frame
from websockets.frames import Opcode as Theirs

from transport.rfc6455 import FrameReader, Message, Opcode, Violation, accept_of, close_frame, close_in, text_frame

MAX = 70_000


def masked(opcode: int, content: bytes, *, fin: bool = True) -> bytes:
    """A client's frame, written by another implementation."""
    return Frame(Theirs(opcode), content, fin).serialize(mask=True)


def read(data: bytes, *, pieces: int | None = None, bytes_max: int = MAX) -> list[Message]:
    reader = FrameReader(bytes_max)
    size = pieces or len(data) or 1
    return [message for at in range(0, len(data), size) for message in reader.read(data[at : at + size])]


def test_the_handshake_of_the_rfc() -> None:
    assert accept_of("dGhlIHNhbXBsZSBub25jZQ==") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="
    assert [accept_of(key) for key in ("", "short", "dGhlIHNhbXBsZQ==", "é" * 24)] == [None] * 4


def test_a_message_arrives_whole_byte_by_byte() -> None:
    assert read(masked(1, b"So" * 70), pieces=1) == [Message(Opcode.TEXT, b"So" * 70)]


@settings(deadline=None)
@given(
    contents=st.lists(st.binary(max_size=300) | st.sampled_from([b"x" * 126, b"y" * 65_536]), max_size=6),
    pieces=st.integers(500, 70_000),
)
def test_messages_arrive_whole_whatever_the_pieces(contents: list[bytes], pieces: int) -> None:
    data = b"".join(masked(2, content) for content in contents)

    assert read(data, pieces=pieces) == [Message(Opcode.BINARY, content) for content in contents]


def test_a_message_in_fragments_is_one_and_lets_control_frames_between() -> None:
    data = masked(1, b"Sok", fin=False) + masked(9, b"?") + masked(0, b"o", fin=False) + masked(0, b"ni")

    assert read(data) == [Message(Opcode.PING, b"?"), Message(Opcode.TEXT, b"Sokoni")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (Frame(Theirs.TEXT, b"unmasked").serialize(mask=False), 1002),
        (b"\xc1\x80\0\0\0\0", 1002),
        (b"\x83\x80\0\0\0\0", 1002),
        (b"\x89\xfe\x01\x00", 1002),
        (b"\x09\x80\0\0\0\0", 1002),
        (masked(0, b"of nothing"), 1002),
        (masked(1, b"a", fin=False) + masked(1, b"b"), 1002),
        (masked(1, b"x" * 11), 1009),
        (masked(1, b"x" * 6, fin=False) + masked(0, b"x" * 5), 1009),
        (b"\x82\xff" + (1 << 62).to_bytes(8, "big"), 1009),
    ],
)
def test_what_no_client_may_send_fails_the_connection(data: bytes, code: int) -> None:
    with pytest.raises(Violation) as violation:
        read(data, bytes_max=10)

    assert violation.value.code == code


@pytest.mark.parametrize("length", [0, 125, 126, 65_535, 65_536])
def test_our_text_frames_are_read_by_others(length: int) -> None:
    content = b"t" * length

    head = text_frame(content)[: -length or None]

    assert text_frame(content) == Frame(Theirs.TEXT, content).serialize(mask=False)
    assert len(head) == {0: 2, 125: 2, 126: 4, 65_535: 4, 65_536: 10}[length]


def test_a_close_says_why_and_is_cut_between_characters() -> None:
    frame = close_frame(4403, "é" * 100)

    assert close_in(frame[2:]) == (4403, "é" * 61)
    assert close_in(b"") == (1005, "")


@pytest.mark.parametrize("content", [b"\x03", b"\x03\xed", b"\x03\xee", b"\x00\x01", b"\x03\xe8\xff"])
def test_a_close_that_says_nothing_sane_is_a_violation(content: bytes) -> None:
    with pytest.raises(Violation):
        close_in(content)


def test_a_ping_between_the_fragments_of_a_long_message_is_not_counted_with_it() -> None:
    reader = FrameReader(100)

    read = [
        *reader.read(masked(Opcode.TEXT, b"x" * 90, fin=False)),
        *reader.read(masked(Opcode.PING, b"y" * 20)),
        *reader.read(masked(Opcode.CONTINUATION, b"z" * 10)),
    ]

    assert read == [Message(Opcode.PING, b"y" * 20), Message(Opcode.TEXT, b"x" * 90 + b"z" * 10)]


def test_empty_fragments_take_no_memory() -> None:
    reader = FrameReader(100)
    empty = masked(Opcode.CONTINUATION, b"", fin=False)

    read = [*reader.read(masked(Opcode.TEXT, b"x", fin=False) + empty * 10_000)]

    assert read == []
    assert len(reader._parts) == 1
