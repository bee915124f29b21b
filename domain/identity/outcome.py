"""Refusals that must leave a trace."""

from __future__ import annotations

from dataclasses import dataclass

from domain.errors import AuthenticationRefused


@dataclass(frozen=True, slots=True)
class Refused:
    """Not an exception, which would undo the trace: commit first, then tell the refusal by raising it."""

    refusal: AuthenticationRefused
