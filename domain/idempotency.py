"""The same command twice has one effect and one answer."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from domain.errors import Conflict, FieldFault, InvalidInput
from domain.plain import Plain

KEPT: Final = timedelta(hours=48)
"""Twice as long as clients are promised."""
KEPT_FOR_DEVICES: Final = timedelta(days=366)
QUEUED_BY_DEVICES: Final = frozenset({"tipGive", "workerSwitch", "tipQrCreate", "tipQrWithdraw"})
"""Operations that a device keeps while it is away; it may come back with one whose answer it lost months ago."""
_PRINTABLE = re.compile(r"[\x20-\x7e]{1,255}")
_CANONICAL: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class IdempotencyKey:
    """A client's name for one command: unique per actor and operation, with a fingerprint of its input."""

    actor: str
    operation: str
    key: str
    input_hash: bytes

    @property
    def kept(self) -> timedelta:
        """How long it is remembered."""
        return KEPT_FOR_DEVICES if self.operation in QUEUED_BY_DEVICES else KEPT

    @classmethod
    def of(cls, *, actor: str, operation: str, key: str, arguments: Plain) -> IdempotencyKey:
        """Fingerprint the canonical input.

        Raises:
            InvalidInput: the key is empty, longer than 255 characters, or not printable ASCII.
        """
        if not _PRINTABLE.fullmatch(key):
            raise InvalidInput(FieldFault(("idempotencyKey",), "must be 1 to 255 printable ASCII characters"))
        canonical = _CANONICAL.encode(arguments).encode()
        return cls(actor, operation, key, hashlib.sha256(canonical).digest())


class Replayed(Exception):
    """Not a refusal: the command was carried out before, and this is what it answered."""

    def __init__(self, answer: Plain) -> None:
        self.answer = answer
        super().__init__("answered before")


class KeyReused(Conflict):
    """The key names another command already."""

    reason = "IDEMPOTENCY_KEY_PARAMETER_MISMATCH"

    def __init__(self) -> None:
        super().__init__("This idempotency key was used with other input.")
