"""What every statement says, however it is written."""

from __future__ import annotations

from datetime import date
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.money import Asset, Money
from domain.payouts.requesting import PAID_OUT
from domain.payouts.statement import SaidLine
from domain.text import line, printed_number

NUMBER_MAX: Final = 64
REFERENCE_MAX: Final = 140  # of remittance information in ISO 20022; our own names have 30
WORDS_MAX: Final = 200


def fault(message: str) -> InvalidInput:
    """Why a file is refused."""
    return InvalidInput(FieldFault(("file",), message))


def text_of(content: bytes) -> str:
    """The text of a file. Raises InvalidInput: it is none in UTF-8."""
    try:
        return content.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise fault("must be text in UTF-8") from None


def refuse_doubles(lines: list[SaidLine]) -> list[SaidLine]:
    """The same lines. Raises InvalidInput: two payments have one number."""
    payments = [(line.kind, line.number) for line in lines]
    if len(set(payments)) < len(payments):
        raise fault("says two payments under one number")
    return lines


def amount_of(text: str, currency: str) -> Money:
    """A positive amount. Raises InvalidInput: none, or of what is not paid out."""
    if currency not in {asset.code for asset in PAID_OUT}:
        raise fault("names a currency in which nothing is paid out")
    return Money.parse(text, Asset[currency], path=("file",)).require_positive(path=("file",))


def day_of(text: str) -> date:
    """The bank's day. Raises InvalidInput."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise fault("has a line without a day of the form 2026-11-20") from None


def number_of(text: str) -> str:
    """The bank's own number, as numbers are compared. Raises InvalidInput."""
    if not text:
        raise fault("has a line without a number of the bank's")
    return printed_number(text, path=("file",), longest=NUMBER_MAX)


def reference_of(text: str) -> str | None:
    """What a payment was asked for by, if that is said. Raises InvalidInput: longer than any bank repeats."""
    return line(text, path=("file",), shortest=0, longest=REFERENCE_MAX) or None


def words_of(text: str) -> str:
    """Why, as far as it is shown. Raises InvalidInput."""
    return line(" ".join(text.split())[:WORDS_MAX], path=("file",), shortest=0, longest=WORDS_MAX)
