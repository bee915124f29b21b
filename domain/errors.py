"""Refusals a caller can meet.

DomainError
├── InvalidInput          VALIDATION      one or several fields are faulty
├── NotFound              NOT_FOUND       no such thing, or not yours: the two look alike
├── Conflict              CONFLICT        the state of things forbids it
├── AuthenticationRefused AUTHENTICATION  who you say you are was not shown
├── QuotaExceeded         RATE_LIMIT      too many; says when to come back
└── GatewayFault          GATEWAY         somebody else's system did not do its part
Contexts derive their own refusals from these in their `errors.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class ErrorCode(StrEnum):
    """The kind of a refusal, as clients see it."""

    VALIDATION_ERROR = "VALIDATION_ERROR"
    """The input is faulty; correct it."""
    AUTHENTICATION_ERROR = "AUTHENTICATION_ERROR"
    """Who you say you are was not shown."""
    FORBIDDEN = "FORBIDDEN"
    """You are known and may not do this."""
    NOT_FOUND = "NOT_FOUND"
    """No such thing, or not yours."""
    CONFLICT_ERROR = "CONFLICT_ERROR"
    """The present state forbids it."""
    RATE_LIMIT_EXCEEDED = "RATE_LIMIT_EXCEEDED"
    """Too many; come back later."""
    GATEWAY_ERROR = "GATEWAY_ERROR"
    """A system outside did not do its part."""
    INTERNAL = "INTERNAL"
    """A fault of ours."""


@dataclass(frozen=True, slots=True)
class FieldFault:
    """What is wrong with one input field; `path` is camelCase as the client wrote it, below the input."""

    path: tuple[str, ...]
    message: str


class DomainError(Exception):
    """An expected refusal. The message is for the client and names no other person."""

    code: ClassVar[ErrorCode]
    reason: ClassVar[str | None] = None
    is_retryable: ClassVar[bool] = False


class InvalidInput(DomainError):
    """Input that no state of things would accept."""

    code = ErrorCode.VALIDATION_ERROR

    def __init__(self, *faults: FieldFault) -> None:
        assert faults, "an invalid input has a fault"
        self.faults = faults
        super().__init__("; ".join(f"{'.'.join(fault.path)} {fault.message}" for fault in faults))


class NotFound(DomainError):
    """No such thing for this caller; what belongs to others answers the same."""

    code = ErrorCode.NOT_FOUND

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"No such {what}.")


class Conflict(DomainError):
    """The present state forbids it. `reason` is UPPER_SNAKE for machines."""

    code = ErrorCode.CONFLICT_ERROR


class VersionConflict(Conflict):
    """Somebody changed it since the client read it."""

    reason = "VERSION_MISMATCH"

    def __init__(self, current_version: int) -> None:
        self.current_version = current_version
        super().__init__("It was changed meanwhile; read it again.")


class ConcurrentChange(Conflict):
    """Two commands met on the same rows; nothing happened, try again."""

    reason = "CONCURRENT_CHANGE"
    is_retryable = True

    def __init__(self) -> None:
        super().__init__("Another change was under way; try again.")


class AuthenticationRefused(DomainError):
    """A credential was wrong, used up, expired or locked."""

    code = ErrorCode.AUTHENTICATION_ERROR


class QuotaExceeded(DomainError):
    """Too many within a window."""

    code = ErrorCode.RATE_LIMIT_EXCEEDED
    is_retryable = True

    def __init__(self, message: str, *, retry_after_seconds: int) -> None:
        self.retry_after_seconds = max(1, retry_after_seconds)
        super().__init__(message)


class Overloaded(QuotaExceeded):
    """More is asked at once than can be answered in time; nothing happened."""

    reason = "OVERLOADED"

    def __init__(self) -> None:
        super().__init__("Too much is asked at this moment; try again.", retry_after_seconds=1)


class GatewayFault(DomainError):
    """A system outside did not answer as agreed; what became of the request is unknown unless said."""

    code = ErrorCode.GATEWAY_ERROR
    is_retryable = True

    def __init__(self, provider: str, provider_code: str | None, message: str) -> None:
        self.provider, self.provider_code = provider, provider_code
        super().__init__(message)


def refusals(root: type[DomainError] = DomainError) -> Iterator[type[DomainError]]:
    """Every refusal there is, the root first; what is complete is checked against this."""
    yield root
    for child in root.__subclasses__():
        yield from refusals(child)
