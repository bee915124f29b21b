"""Surroundings for those who only have to say what a context is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from transport.surroundings import Caller, Close

ContextOf: TypeAlias = Callable[[Caller, Mapping[str, object]], Any]
"""A context from who calls and from what a socket said in `connection_init`; `Refused` where nobody may come in."""


def caller_and_parameters(caller: Caller, parameters: Mapping[str, object]) -> dict[str, Any]:
    """The context of those who say nothing of it."""
    return {"caller": caller, "connection_params": dict(parameters)}


class PlainSurroundings:
    """A context is made by one function, anew for every operation."""

    def __init__(self, context_of: ContextOf) -> None:
        self._context_of = context_of

    async def of_request(self, caller: Caller) -> Any:
        """The context of a request."""
        return self._context_of(caller, {})

    def of_stream(self, context: Any, close: Close) -> PlainSession:  # noqa: ARG002  # nobody closes it
        """A stream that stays open until its client or its source ends it."""
        return PlainSession(lambda: context)

    async def of_socket(
        self,
        caller: Caller,
        parameters: Mapping[str, object],
        close: Close,  # noqa: ARG002  # nobody closes it
    ) -> PlainSession:
        """A socket whose operations have contexts of their own; one is made now, so that it may refuse."""
        self._context_of(caller, parameters)
        return PlainSession(lambda: self._context_of(caller, parameters))


class PlainSession:
    """What stays open, and forgets itself."""

    def __init__(self, context: Callable[[], Any]) -> None:
        self._context = context

    def context(self) -> Any:
        """For one operation."""
        return self._context()

    def ended(self) -> None:
        """Nothing to do."""
