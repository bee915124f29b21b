"""Refusals as the API tells them: one interface, one member per kind, several may travel together."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import strawberry
from graphql import GraphQLError

from domain import errors as domain
from domain.errors import DomainError, ErrorCode
from domain.ledger.errors import InsufficientFunds
from domain.operations.errors import ManifestRefused, OperationFaultKind
from domain.payouts.errors import PayoutLimitExceeded
from schema.money import Money

strawberry.enum(ErrorCode, description="The kind of a refusal.")
strawberry.enum(OperationFaultKind, description="What is wrong with one operation of a manifest.")


@strawberry.interface
class UserError:
    """An expected refusal; nothing happened unless the payload says otherwise."""

    code: ErrorCode
    """The kind of the refusal."""
    message: str
    """For the person, in the present tense."""
    path: list[str]
    """The faulty input field below `input`, empty when no single field is at fault."""
    retryable: bool
    """Whether the same command may succeed later."""
    request_id: strawberry.ID
    """Name it when you ask for help."""
    reason: str | None
    """UPPER_SNAKE for machines, finer than the code."""


@strawberry.type
class ValidationError(UserError):
    """A field's value that no state of things would accept."""


@strawberry.type
class AuthenticationError(UserError):
    """A credential was wrong, used up, expired or locked."""

    attempts_left: int | None = None
    """How many more tries there are, where they are counted."""
    retry_after_seconds: int | None = None
    """When it is looked at again, where it is locked."""
    blocked_until: datetime | None = None
    """When a block ends by itself; null when it does not, and for other refusals."""


@strawberry.type
class NotFoundError(UserError):
    """No such thing for you; what belongs to others answers the same."""


@strawberry.type
class ConflictError(UserError):
    """The present state forbids it."""

    current_version: int | None = None
    """The version to read again, where a version did not match."""


@strawberry.type
class InsufficientFundsError(UserError):
    """The wallet's available balance is smaller than what was asked."""

    available: Money
    """Posted less held, at the time."""
    required: Money
    """What was asked."""


@strawberry.type
class LimitExceededError(UserError):
    """More than is let out in a day to a person whom the market knows so well."""

    limit: Money
    """What may be asked for in a day, by its value."""
    left: Money
    """What is left of it."""


@strawberry.type
class RateLimitError(UserError):
    """Too many within a window."""

    retry_after_seconds: int
    """When the next one is counted anew."""


@strawberry.type
class GatewayError(UserError):
    """A system outside did not do its part."""

    provider: str
    """Which one."""
    provider_code: str | None
    """Its own code, where it gave one."""


@strawberry.type
class OperationFaultError(UserError):
    """One operation of a manifest is faulty, and so nothing of the manifest was kept."""

    fault: OperationFaultKind
    """What is wrong with it."""
    operation_id: strawberry.ID
    """Its id in the manifest."""
    operation_name: str | None
    """Its name in the manifest, where that has names."""


MEMBERS: Final = (
    ValidationError,
    AuthenticationError,
    NotFoundError,
    ConflictError,
    InsufficientFundsError,
    LimitExceededError,
    OperationFaultError,
    RateLimitError,
    GatewayError,
)


@strawberry.type
class Payload:
    """What every mutation answers besides its own fields."""

    errors: list[UserError] = strawberry.field(default_factory=list)
    """Empty when it was done; otherwise why it was not."""


_Build = Callable[[Any, dict[str, Any]], list[UserError]]


def _invalid(refusal: domain.InvalidInput, shared: dict[str, Any]) -> list[UserError]:
    return [ValidationError(**{**shared, "path": list(f.path), "message": f.message}) for f in refusal.faults]


def _conflict(refusal: domain.Conflict, shared: dict[str, Any]) -> list[UserError]:
    return [ConflictError(**shared, current_version=getattr(refusal, "current_version", None))]


def _authentication(refusal: domain.AuthenticationRefused, shared: dict[str, Any]) -> list[UserError]:
    names = ("attempts_left", "retry_after_seconds", "blocked_until")
    facts: dict[str, Any] = {name: getattr(refusal, name, None) for name in names}
    return [AuthenticationError(**shared, **facts)]


def _insufficient(refusal: InsufficientFunds, shared: dict[str, Any]) -> list[UserError]:
    available, required = Money.of(refusal.available), Money.of(refusal.needed)
    return [InsufficientFundsError(**shared, available=available, required=required)]


def _limit(refusal: PayoutLimitExceeded, shared: dict[str, Any]) -> list[UserError]:
    return [LimitExceededError(**shared, limit=Money.of(refusal.limit), left=Money.of(refusal.left))]


def _manifest(refusal: ManifestRefused, shared: dict[str, Any]) -> list[UserError]:
    about: dict[str, Any] = {**shared, "path": ["manifest"]}
    return [
        OperationFaultError(
            **{**about, "message": fault.message},
            fault=fault.kind,
            operation_id=strawberry.ID(fault.operation_id),
            operation_name=fault.name,
        )
        for fault in refusal.faults
    ]


def _quota(refusal: domain.QuotaExceeded, shared: dict[str, Any]) -> list[UserError]:
    return [RateLimitError(**shared, retry_after_seconds=refusal.retry_after_seconds)]


def _gateway(refusal: domain.GatewayFault, shared: dict[str, Any]) -> list[UserError]:
    return [GatewayError(**shared, provider=refusal.provider, provider_code=refusal.provider_code)]


ERROR_OF: Final = MappingProxyType[type[DomainError], _Build](
    {
        domain.InvalidInput: _invalid,
        domain.NotFound: lambda _, shared: [NotFoundError(**shared)],
        InsufficientFunds: _insufficient,
        PayoutLimitExceeded: _limit,
        ManifestRefused: _manifest,
        domain.Conflict: _conflict,
        domain.AuthenticationRefused: _authentication,
        domain.QuotaExceeded: _quota,
        domain.GatewayFault: _gateway,
    }
)


def errors_of(refusal: DomainError, *, request_id: str) -> list[UserError]:
    """The members that tell a refusal: its own row of `ERROR_OF`, or that of the kind it derives from."""
    build = next(ERROR_OF[kind] for kind in type(refusal).__mro__ if kind in ERROR_OF)
    shared: dict[str, Any] = {
        "code": refusal.code,
        "message": str(refusal),
        "path": [],
        "retryable": refusal.is_retryable,
        "request_id": strawberry.ID(request_id),
        "reason": refusal.reason,
    }
    return build(refusal, shared)


def top_level(refusal: DomainError, *, request_id: str) -> GraphQLError:
    """The same refusal where there is no payload to carry it: in queries and subscriptions."""
    extensions: dict[str, Any] = {"code": refusal.code.value, "requestId": request_id}
    if refusal.reason:
        extensions["reason"] = refusal.reason
    if isinstance(refusal, domain.InvalidInput):
        extensions["faults"] = [{"path": list(f.path), "message": f.message} for f in refusal.faults]
    if isinstance(refusal, domain.QuotaExceeded):
        extensions["retryAfterSeconds"] = refusal.retry_after_seconds
    return GraphQLError(str(refusal), extensions=extensions)
