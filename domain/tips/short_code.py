"""What somebody without a camera or without network types instead of reading a code: nine digits, the last a check."""

from __future__ import annotations

import re
import secrets
from typing import Final

from domain.tips.errors import TipQrNotFound

RANDOM_DIGITS: Final = 8
LENGTH: Final = RANDOM_DIGITS + 1
_BETWEEN: Final = re.compile(r"[\s-]")


def new_short_code() -> str:
    """One by chance. Others cannot be reckoned from it; it is public all the same, as the card is."""
    digits = f"{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}}"
    return digits + check_digit(digits)


def short_code_in(text: str) -> str | None:
    """The short code that was typed, with or without spaces and dashes; None where it is something else.

    Raises:
        TipQrNotFound: a digit is wrong, or two changed places: nobody is tipped by mistake.
    """
    typed = _BETWEEN.sub("", text)
    if not (typed.isascii() and typed.isdigit() and len(typed) == LENGTH):
        return None
    if check_digit(typed[:-1]) != typed[-1]:
        raise TipQrNotFound
    return typed


def check_digit(digits: str) -> str:
    """By Damm's quasigroup (2004): finds every wrong digit and every two neighbours that changed places."""
    interim = 0
    for digit in digits:
        interim = _DAMM[interim][int(digit)]
    return str(interim)


_DAMM: Final = (
    (0, 3, 1, 7, 5, 9, 8, 6, 4, 2),
    (7, 0, 9, 2, 1, 5, 4, 8, 6, 3),
    (4, 2, 0, 6, 8, 7, 1, 3, 5, 9),
    (1, 7, 5, 0, 9, 8, 3, 4, 2, 6),
    (6, 1, 2, 3, 0, 4, 5, 9, 7, 8),
    (3, 6, 7, 4, 2, 0, 9, 5, 8, 1),
    (5, 8, 6, 9, 7, 2, 0, 1, 3, 4),
    (8, 9, 4, 5, 3, 6, 2, 0, 1, 7),
    (9, 4, 3, 8, 6, 1, 7, 2, 0, 5),
    (2, 5, 8, 1, 4, 3, 6, 7, 9, 0),
)
