"""What Daraja's own errors mean: one code has several causes, so the message is read as well.

`{"requestId", "errorCode", "errorMessage"}`, from the Daraja 3.0 documentation. What is not understood is never taken
for a refusal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import orjson

from domain.payments.mobile_money import PushDeferred, PushOutcome, PushRefused, PushUnknown
from integrations.outbound_http import SERVER_FAULT, OutboundAnswer

TOKEN_EXPIRED: Final = "404.001.03"  # comes with HTTP 404
UNCLEAR: Final = "500.001.1001"
BUSY: Final = frozenset({"500.003.02", "500.003.03"})  # busy or spike arrest; quota
OURS: Final = frozenset({"400.002.02", "404.001.01", "405.001"})  # a bad field, path or method
# The prompt of an earlier push lives about a minute; the documentation says to wait at least that long.
LOCKED_WAIT: Final = timedelta(seconds=65)
BUSY_WAIT: Final = timedelta(seconds=10)
BAD_REQUEST: Final = 400
TOO_MANY: Final = 429
CODE_LENGTH_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Refusal:
    """An error of Daraja's."""

    code: str
    message: str

    @property
    def is_lock(self) -> bool:
        """Another prompt is open on the phone."""
        return self.code == UNCLEAR and ("lock" in self.message or "already in process" in self.message)

    @property
    def is_misconfigured(self) -> bool:
        """Our short code or our credentials are not known there."""
        known = "wrong credentials" in self.message or "merchant does not exist" in self.message
        return self.code in OURS or (self.code == UNCLEAR and known)


def refusal_in(answer: OutboundAnswer) -> Refusal | None:
    """The error in an answer, where there is one in the form agreed."""
    said = object_in(answer.body)
    code = said.get("errorCode")
    if not isinstance(code, str) or not 0 < len(code) <= CODE_LENGTH_MAX:
        return None
    return Refusal(code, str(said.get("errorMessage", "")).lower())


def outcome_of(answer: OutboundAnswer) -> PushOutcome:
    """What a push came to that was not accepted."""
    refusal = refusal_in(answer)
    if refusal is None and answer.status == TOO_MANY:
        return PushDeferred(f"HTTP_{answer.status}", BUSY_WAIT)
    if refusal is None:
        is_refused = BAD_REQUEST <= answer.status < SERVER_FAULT
        return PushRefused(f"HTTP_{answer.status}", is_ours=True) if is_refused else PushUnknown(str(answer.status))
    if refusal.code == TOKEN_EXPIRED or refusal.code in BUSY:
        return PushDeferred(refusal.code, BUSY_WAIT)
    if refusal.is_lock:
        return PushDeferred(refusal.code, LOCKED_WAIT)
    if refusal.is_misconfigured or BAD_REQUEST <= answer.status < SERVER_FAULT:
        return PushRefused(refusal.code, is_ours=refusal.is_misconfigured)
    return PushUnknown(refusal.code)


def object_in(body: bytes) -> dict[str, Any]:
    """The JSON object in a body, empty where there is none."""
    try:
        said = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return said if isinstance(said, dict) else {}
