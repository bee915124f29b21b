"""What happens around every operation: the general limit, the request's name in the answer, masked faults."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Final

import structlog
from graphql import GraphQLError

from domain.errors import DomainError, ErrorCode
from domain.identity.actor import Actor
from domain.identity.api_key import ApiKeyKind
from domain.plain import Plain
from domain.rate_limits import RateState
from schema.context import Context
from schema.errors import top_level

INTERNAL_MESSAGE: Final = "Something went wrong on our side."
log = structlog.get_logger("sokoni.graphql")


class ApiPolicy:
    """The policy of our API (see `transport.policy.Policy`). `shows_schema`: everybody may ask about the schema."""

    def __init__(self, *, shows_schema: bool = True) -> None:
        self._shows_schema = shows_schema

    def admit(self, context: Context) -> GraphQLError | None:
        """100 operations a minute per person and per API key, or per address before sign-in (D-96)."""
        state = context.limiter.hit(caller_of(context.actor))
        if state is None:
            return None
        context.extensions["rateLimit"] = {
            "limit": state.limit,
            "remaining": state.remaining,
            "resetAt": _written(state.reset_at),
        }
        return _too_many(state, context.clock.now()) if state.is_exceeded else None

    def may_introspect(self, context: Context) -> bool:
        """Everybody where the schema is shown, else by a developer's key."""
        key = context.api_key
        return self._shows_schema or (key is not None and key.kind is ApiKeyKind.DEVELOPER)

    def reckoned(self, cost: int, cost_max: int, context: Context) -> None:
        """Tell the client what it asked for, and how much it may ask for at once."""
        context.extensions["cost"] = {"requested": cost, "maximum": cost_max}

    def told(self, errors: list[GraphQLError], context: Context) -> list[GraphQLError]:
        """A fault of ours shows its request id and nothing else, and is logged; every error carries a code."""
        return [self._told(error, context.request_id) for error in errors]

    def extensions(self, context: Context) -> Mapping[str, Plain]:
        """The request's id, and what else the operation noted."""
        return {"requestId": context.request_id, **context.extensions}

    def renew(self, context: Context) -> None:
        """Load anew for every event that leads to anything: a socket may live for days."""
        context.forget_loaded()

    def _told(self, error: GraphQLError, request_id: str) -> GraphQLError:
        if isinstance(error.original_error, DomainError):
            error = top_level(error.original_error, request_id=request_id)
        code, message = "BAD_REQUEST", error.message
        if is_unexpected(error):
            log.error("field_failed", path=error.path, request_id=request_id, exc_info=error.original_error)
            code, message = ErrorCode.INTERNAL.value, INTERNAL_MESSAGE
        extensions = {"code": code, **(error.extensions or {}), "requestId": request_id}
        return GraphQLError(
            message, error.nodes, error.source, error.positions, error.path, error.original_error, extensions
        )


def caller_of(actor: Actor) -> str:
    """Whose operations are counted together: a key's apart from its owner's, who may have several at work."""
    if actor.key is not None:
        return f"key:{actor.key.id.hex}"
    return actor.user.hex if actor.user else actor.address


def is_unexpected(error: GraphQLError) -> bool:
    """Whether the error is a fault of ours rather than a refusal or a faulty document."""
    return error.original_error is not None and not isinstance(error.original_error, GraphQLError)


@lru_cache(2)
def _written(ends_at: datetime) -> str:
    """The end of the present window, which is everybody's."""
    return ends_at.isoformat()


def _too_many(state: RateState, now: datetime) -> GraphQLError:
    seconds = max(1, math.ceil((state.reset_at - now).total_seconds()))
    code = ErrorCode.RATE_LIMIT_EXCEEDED.value
    return GraphQLError("Too many requests; slow down.", extensions={"code": code, "retryAfterSeconds": seconds})
