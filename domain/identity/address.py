"""Where a person can be reached and recognised: a phone number or an e-mail address, in one spelling."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from domain.errors import FieldFault, InvalidInput

_LENGTH_MAX: Final = 254  # RFC 5321 leaves no room for a longer address in an envelope.
_LOCAL_MAX: Final = 64
_EMAIL: Final = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.ASCII
)


class AddressKind(StrEnum):
    """How messages get there."""

    PHONE = "PHONE"
    EMAIL = "EMAIL"


class PhoneNumbers(Protocol):
    """Knows the numbering plans of the world."""

    def normalized(self, text: str) -> str | None:
        """The number in E.164 (`+254712345678`), or None when no such number can exist."""
        ...


@dataclass(frozen=True, slots=True)
class Address:
    """An address in the one spelling that people are found by. Its text never shows it, for logs and faults."""

    kind: AddressKind
    value: str

    def __repr__(self) -> str:
        return f"Address({self.kind})"


def parse_address(text: str, *, phone_numbers: PhoneNumbers, path: tuple[str, ...] = ("address",)) -> Address:
    """Read what a person typed; an `@` makes it an e-mail address.

    Raises:
        InvalidInput: neither a phone number that can exist nor the shape of an e-mail address.
    """
    if "@" in text:
        return Address(AddressKind.EMAIL, _email(text, path))
    number = phone_numbers.normalized(text) if len(text) <= _LOCAL_MAX else None
    if number is None:
        raise InvalidInput(FieldFault(path, "must be an e-mail address or a phone number such as +254712345678"))
    return Address(AddressKind.PHONE, number)


def _email(text: str, path: tuple[str, ...]) -> str:
    email = text.strip().lower()
    local = email.partition("@")[0]
    is_dotted_well = ".." not in local and not local.startswith(".") and not local.endswith(".")
    if len(email) > _LENGTH_MAX or len(local) > _LOCAL_MAX or not is_dotted_well or not _EMAIL.fullmatch(email):
        raise InvalidInput(FieldFault(path, "must be an e-mail address such as amina@example.com"))
    return email
