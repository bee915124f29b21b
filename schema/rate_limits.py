"""How often one caller may ask."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from graphql import GraphQLError

from domain.errors import ErrorCode


@dataclass(frozen=True, slots=True)
class RateState:
    """Where a caller stands in the present window."""

    limit: int
    remaining: int
    reset_at: datetime
    retry_after_seconds: int
    is_exceeded: bool


class RateLimiter(Protocol):
    """Counts operations per caller. When its store is away it lets everybody pass: availability before fairness."""

    async def hit(self, caller: str) -> RateState | None:
        """Count one operation; None when nothing is counted."""
        ...


def rate_limit_exceeded(state: RateState) -> GraphQLError:
    """The refusal of one operation too many."""
    return GraphQLError(
        "Too many requests; slow down.",
        extensions={
            "code": ErrorCode.RATE_LIMIT_EXCEEDED.value,
            "retryAfterSeconds": state.retry_after_seconds,
        },
    )
