"""Identities: one type per thing, sortable by the time they were made."""

from __future__ import annotations

import os
import secrets
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache, partial
from typing import Final, NewType
from uuid import UUID

from domain.errors import FieldFault, InvalidInput

READ_ANEW_AFTER: Final = 16_384

UserId = NewType("UserId", UUID)
SessionId = NewType("SessionId", UUID)
PasscodeId = NewType("PasscodeId", UUID)
DeviceKeyId = NewType("DeviceKeyId", UUID)
ApiKeyId = NewType("ApiKeyId", UUID)
MessageId = NewType("MessageId", UUID)
WalletId = NewType("WalletId", UUID)
TransferId = NewType("TransferId", UUID)
TransactionId = NewType("TransactionId", UUID)
HoldId = NewType("HoldId", UUID)
RateId = NewType("RateId", UUID)
QuoteId = NewType("QuoteId", UUID)
PaymentId = NewType("PaymentId", UUID)
UploadId = NewType("UploadId", UUID)
MerchantId = NewType("MerchantId", UUID)
SettlementAddressId = NewType("SettlementAddressId", UUID)
ProductId = NewType("ProductId", UUID)
ProductCodeId = NewType("ProductCodeId", UUID)
OrderId = NewType("OrderId", UUID)
DisputeId = NewType("DisputeId", UUID)
PayoutId = NewType("PayoutId", UUID)
BankFileId = NewType("BankFileId", UUID)
PayoutStatementId = NewType("PayoutStatementId", UUID)
ReconciliationRunId = NewType("ReconciliationRunId", UUID)
DiscrepancyId = NewType("DiscrepancyId", UUID)
RefundId = NewType("RefundId", UUID)
TipId = NewType("TipId", UUID)
TipQrId = NewType("TipQrId", UUID)
WorkerId = NewType("WorkerId", UUID)
CategoryId = NewType("CategoryId", UUID)
ListingId = NewType("ListingId", UUID)
OperationId = NewType("OperationId", UUID)
EventId = NewType("EventId", UUID)
AuditEntryId = NewType("AuditEntryId", UUID)


def new_id() -> UUID:
    """A version 7 UUID: 48 bits of milliseconds, then 74 random bits (RFC 9562 §5.7)."""
    milliseconds = time.time_ns() // 1_000_000
    random = int.from_bytes(_random_bytes()) & (1 << 74) - 1
    return UUID(int=milliseconds << 80 | 7 << 76 | (random >> 62) << 64 | 2 << 62 | random & (1 << 62) - 1)


def _random_bytes() -> bytes:
    """Ten bytes that nobody guesses and nobody else is given: the system is asked for those of many ids at once."""
    while True:
        try:
            return _drawn.pop()
        except IndexError:
            block = secrets.token_bytes(_DRAWN_TOGETHER * _RANDOM_BYTES)
            _drawn.extend(block[at : at + _RANDOM_BYTES] for at in range(0, len(block), _RANDOM_BYTES))


_RANDOM_BYTES: Final = 10
_DRAWN_TOGETHER: Final = 128
_drawn: deque[bytes] = deque()
# A copy of the process draws its own.
os.register_at_fork(after_in_child=_drawn.clear)


@lru_cache(READ_ANEW_AFTER)
def uuid_of(text: str) -> UUID:
    """The UUID of a text. Ids come again and again in events and their streams, and reading one costs 2 µs.

    Raises:
        ValueError: it is no UUID.
    """
    return UUID(text)


class IdKind(StrEnum):
    """The prefix that says what an id names."""

    USER = "usr"
    SESSION = "ses"
    DEVICE_KEY = "dvk"
    API_KEY = "key"
    WALLET = "wal"
    TRANSFER = "trf"
    TRANSACTION = "txn"
    HOLD = "hld"
    EXCHANGE_RATE = "fxr"
    CONVERSION_QUOTE = "cnq"
    PAYMENT_INTENT = "pay"
    DISPUTE = "dsp"
    UPLOAD = "upl"
    MERCHANT = "mer"
    SETTLEMENT_ADDRESS = "sad"
    PRODUCT = "prd"
    ORDER = "ord"
    PAYOUT = "pyo"
    BANK_FILE = "bnf"
    PAYOUT_STATEMENT = "pst"
    RECONCILIATION_RUN = "rcr"
    DISCREPANCY = "dsc"
    REFUND = "rfd"
    WORKER = "wrk"
    TIP = "tip"
    TIP_QR = "tqr"
    CATEGORY = "cat"
    LISTING = "lst"
    SETTING = "set"
    OPERATION = "opn"
    EVENT = "evt"
    AUDIT_ENTRY = "aud"

    prefix: str
    """The same with the underscore that ends it."""

    def __init__(self, value: str) -> None:
        self.prefix = f"{value}_"


_DIGITS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LENGTH: Final = 26
_PAIRS: Final = tuple(high + low for high in _DIGITS for low in _DIGITS)
_TWO_DIGITS: Final = 0x3FF
_SIX_DIGITS: Final = 0x3FFF_FFFF  # as many as Python computes with at once
# What int() takes for each digit in base 32, and a sign that it refuses for everything that is none of ours.
_READ: Final = bytes(
    b"0123456789abcdefghijklmnopqrstuv"[_DIGITS.index(sign)] if sign in _DIGITS else ord("!")
    for sign in (chr(byte).upper() for byte in range(256))
)
_REMEMBERED_MAX: Final = 8_192


def encode_id(kind: IdKind, value: UUID) -> str:
    """The public form: the prefix and 26 digits in Crockford's base 32, which sort like the id."""
    number = value.int
    six, pairs, last = _SIX_DIGITS, _PAIRS, _TWO_DIGITS
    a, b, c, d = number >> 90, number >> 60 & six, number >> 30 & six, number & six
    return (
        f"{kind.prefix}{pairs[a >> 30]}{pairs[a >> 20 & last]}{pairs[a >> 10 & last]}{pairs[a & last]}"
        f"{pairs[b >> 20]}{pairs[b >> 10 & last]}{pairs[b & last]}"
        f"{pairs[c >> 20]}{pairs[c >> 10 & last]}{pairs[c & last]}"
        f"{pairs[d >> 20]}{pairs[d >> 10 & last]}{pairs[d & last]}"
    )


def encoder_of(kind: IdKind) -> Callable[[UUID], str]:
    """`encode_id` for one kind, with a memory of the last 8192 ids: lists show the same things again and again."""
    return lru_cache(maxsize=_REMEMBERED_MAX)(partial(encode_id, kind))


def decode_id(kind: IdKind, text: str, *, path: tuple[str, ...] = ("id",)) -> UUID:
    """Read a public id of one kind.

    Raises:
        InvalidInput: another kind's id, or no id at all.
    """
    prefix, _, digits = text.partition("_")
    try:
        # The length comes first: work on a longer text grows with its square, and anybody may send a megabyte.
        number = int(digits.encode("ascii").translate(_READ), 32) if len(digits) == _LENGTH else -1
    except ValueError:
        number = -1
    if prefix != kind or number < 0 or number >> 128:
        raise InvalidInput(FieldFault(path, f"is not an id of the form {kind}_…"))
    return UUID(int=number)


def kind_of_id(text: str) -> IdKind | None:
    """What a public id names by its prefix, or None."""
    return _KINDS.get(text.partition("_")[0])


_KINDS: Final = {kind.value: kind for kind in IdKind}
