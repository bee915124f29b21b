"""multipart/form-data as it arrives: one part after the other, never more of it in memory than was just received."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final, TypeAlias

# It is one module without the marker of typed packages.
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from transport.asking import Malformed
from transport.body import Body

FORM: Final = b"multipart/form-data"
BOUNDARY_LENGTH_MAX: Final = 70  # RFC 2046 §5.1.1
HEADERS_MAX: Final = 8
HEADER_BYTES_MAX: Final = 1024


@dataclass(frozen=True, slots=True)
class Begun:
    """A part begins. `filename` is None where the sender names none."""

    name: str
    filename: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """The part is all here."""


Event: TypeAlias = Begun | bytes | Ended


def boundary_in(content_type: bytes) -> str:
    """What stands between the parts.

    Raises:
        Malformed: there is none, or one that no sender may use.
    """
    boundary = parse_options_header(content_type.decode("latin-1"))[1].get("boundary", "")
    if not 0 < len(boundary) <= BOUNDARY_LENGTH_MAX or not boundary.isascii() or not boundary.isprintable():
        raise Malformed(f"The form needs a boundary of 1 to {BOUNDARY_LENGTH_MAX} printable characters.")
    return str(boundary)


async def parts_of(content_type: bytes, body: Body, *, parts_max: int) -> AsyncIterator[Event]:
    """The parts of a request's body.

    Raises:
        Malformed: no form, a part with too many or too long headers, more than `parts_max` parts, a body that ends in
            the middle.
        Stalled: the rest of it does not come.
    """
    parser = PushMultipartParser(
        boundary_in(content_type),
        max_header_size=HEADER_BYTES_MAX,
        max_header_count=HEADERS_MAX,
        max_segment_count=parts_max,
    )
    try:
        async for chunk in body.pieces():
            for event in parser.parse(chunk):
                if isinstance(event, MultipartSegment):
                    yield Begun(event.name, event.filename)
                else:
                    yield Ended() if event is None else bytes(event)
        parser.close()
    except MultipartError:  # what it says is for programmers
        raise Malformed("The body is no multipart form, is not whole, or has too many parts.") from None
