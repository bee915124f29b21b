"""Text that people type: trimmed, measured in characters, and free of what no screen shows."""

from __future__ import annotations

import unicodedata
from typing import Final

from domain.errors import FieldFault, InvalidInput

REASON_MIN: Final = 3
REASON_MAX: Final = 500
_LINE_BREAKS: Final = "\n\t"


def line(value: str, *, path: tuple[str, ...], shortest: int, longest: int) -> str:
    """One line: runs of blanks become one space, the ends are cut.

    Raises:
        InvalidInput: too short, too long, or with characters that no keyboard makes.
    """
    return _measured(" ".join(value.split()), path=path, shortest=shortest, longest=longest)


def reason_line(value: str) -> str:
    """Why somebody decided, as it is audited and perhaps shown to whom it concerns: one line of 3 to 500 characters.

    Raises:
        InvalidInput: as for `line`, about the field `reason`.
    """
    return line(value, path=("reason",), shortest=REASON_MIN, longest=REASON_MAX)


def printed_number(value: str, *, path: tuple[str, ...], longest: int) -> str:
    """A number that a bank or a provider printed, the same however it is typed: without blanks, in capitals, in ASCII,
    and with no signs that look like others or like nothing.

    Raises:
        InvalidInput: empty, too long, or with signs that no bank prints.
    """
    shown = line(unicodedata.normalize("NFKC", value), path=path, shortest=1, longest=longest)
    if not shown.isascii():
        raise InvalidInput(FieldFault(path, "must consist of ASCII characters"))
    return shown.replace(" ", "").upper()


def prose(value: str, *, path: tuple[str, ...], longest: int, shortest: int = 0) -> str:
    """Several lines, kept as they were typed but for the ends.

    Raises:
        InvalidInput: too short, too long, or with characters that no keyboard makes.
    """
    return _measured(value.replace("\r\n", "\n").strip(), path=path, shortest=shortest, longest=longest)


def _measured(value: str, *, path: tuple[str, ...], shortest: int, longest: int) -> str:
    if not shortest <= len(value) <= longest:
        allowed = f"{shortest} to {longest}" if shortest else f"at most {longest}"
        raise InvalidInput(FieldFault(path, f"must have {allowed} characters"))
    # Control characters (Cc) and lone surrogates (Cs); PostgreSQL takes no NUL and no surrogate at all. What prints is
    # neither.
    is_plain = value.isprintable() or not any(
        unicodedata.category(sign) in ("Cc", "Cs") for sign in value if sign not in _LINE_BREAKS
    )
    if not is_plain:
        raise InvalidInput(FieldFault(path, "must not contain control characters"))
    return value
