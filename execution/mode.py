"""Which of the two executions runs operations."""

from __future__ import annotations

from enum import StrEnum


class ExecutionMode(StrEnum):
    """A word for a setting."""

    COMPILED = "compiled"
    """Documents that come again are compiled; what comes once runs on graphql-core."""
    EAGER = "eager"
    """Everything is compiled at once, also what never comes again: to try the compiler on a whole test suite."""
    REFERENCE = "reference"
    """Everything runs on graphql-core."""
