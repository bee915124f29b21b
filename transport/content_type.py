"""What a file is, by its own first bytes: names and headers are what its sender says."""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any, Final

HEAD_BYTES: Final = 4 * 1024
TEXT: Final = "text/plain"
UNKNOWN: Final = "application/octet-stream"
# Below it two letters at the beginning were enough, and those begin texts as well.
CONFIDENCE_MIN: Final = 0.3
# What texts have besides letters: tabulators, line ends, form feeds, and escapes of terminals.
CONTROLS_OF_TEXT: Final = frozenset(b"\t\n\r\f\x1b")


def sniffed(head: bytes) -> str:
    """The media type of what begins with `head`; `HEAD_BYTES` of it are enough.

    Texts that are nothing more particular are `text/plain`, and what nobody knows is `application/octet-stream`.
    """
    if not head:
        return UNKNOWN
    puremagic = _signatures()
    try:
        found = puremagic.magic_string(head)
    except puremagic.PureError:
        found = ()
    named = next((one.mime_type for one in found if one.mime_type and one.confidence >= CONFIDENCE_MIN), None)
    return str(named) if named else TEXT if _is_text(head) else UNKNOWN


@cache
def _signatures() -> Any:
    """Read when the first file comes: it takes 25 ms, and most processes never meet one."""
    return import_module("puremagic")


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as fault:
        if len(head) - fault.start > 3:  # noqa: PLR2004  # a character of four bytes may be cut after the third
            return False
        text = head[: fault.start].decode()
    return not any(ord(character) < ord(" ") and ord(character) not in CONTROLS_OF_TEXT for character in text)
