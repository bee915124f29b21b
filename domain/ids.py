"""Identities: one type per thing, sortable by the time they were made."""

from __future__ import annotations

import secrets
import time
from enum import StrEnum
from typing import Final, NewType
from uuid import UUID

from domain.errors import FieldFault, InvalidInput

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
PasscodeId = NewType("PasscodeId", UUID)
DeviceKeyId = NewType("DeviceKeyId", UUID)
MessageId = NewType("MessageId", UUID)
WalletId = NewType("WalletId", UUID)
TransferId = NewType("TransferId", UUID)
TransactionId = NewType("TransactionId", UUID)
HoldId = NewType("HoldId", UUID)
CategoryId = NewType("CategoryId", UUID)
ListingId = NewType("ListingId", UUID)
EventId = NewType("EventId", UUID)
AuditEntryId = NewType("AuditEntryId", UUID)


def new_id() -> UUID:
    """A version 7 UUID: 48 bits of milliseconds, then 74 random bits (RFC 9562 §5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = secrets.randbits(74)
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & (1 << 62) - 1)


class IdKind(StrEnum):
    """The prefix that says what an id names."""

    USER = "usr"
    SESSION = "ses"
    DEVICE_KEY = "dvk"
    WALLET = "wal"
    TRANSFER = "trf"
    TRANSACTION = "txn"
    HOLD = "hld"
    CATEGORY = "cat"
    LISTING = "lst"
    SETTING = "set"
    EVENT = "evt"
    AUDIT_ENTRY = "aud"


_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 26


def encode_id(kind: IdKind, value: UUID) -> str:
    """The public form: the prefix and 26 digits in Crockford's base 32, which sort like the id."""
    number = value.int
    return f"{kind}_" + "".join(_DIGITS[number >> shift & 31] for shift in range(125, -1, -5))


def decode_id(kind: IdKind, text: str, *, path: tuple[str, ...] = ("id",)) -> UUID:
    """Read a public id of one kind.

    Raises:
        InvalidInput: another kind's id, or no id at all.
    """
    prefix, _, digits = text.partition("_")
    # The length comes first: work on a longer text grows with its square, and anybody may send a megabyte.
    values = [_DIGITS.find(digit) for digit in digits.upper()] if len(digits) == _LENGTH else []
    number = 0
    for value in values:
        number = number << 5 | value
    if prefix != kind or len(values) != _LENGTH or -1 in values or number >> 128:
        raise InvalidInput(FieldFault(path, f"is not an id of the form {kind}_…"))
    return UUID(int=number)


def kind_of_id(text: str) -> IdKind | None:
    """What a public id names by its prefix, or None."""
    prefix = text.partition("_")[0]
    return IdKind(prefix) if prefix in set(IdKind) else None
