"""What a schema's owner has done around every operation, whatever transport it came by."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, Protocol

from graphql import GraphQLError

log = logging.getLogger("graphql")


class Policy(Protocol):
    """Admits operations, and decides what their answers tell besides the data."""

    def admit(self, context: Any) -> GraphQLError | None:
        """None to let the operation run, else why it may not; asked before anything of it is read."""
        ...

    def may_introspect(self, context: Any) -> bool:
        """Whether this caller may ask about the schema itself (`__schema`, `__type`)."""
        ...

    def reckoned(self, cost: int, cost_max: int, context: Any) -> None:
        """An operation was reckoned (see `transport.cost`); one that costs more than `cost_max` is refused next."""
        ...

    def told(self, errors: list[GraphQLError], context: Any) -> list[GraphQLError]:
        """The errors as the client may read them; faults of the server are logged here."""
        ...

    def extensions(self, context: Any) -> Mapping[str, Any]:
        """What stands beside data and errors; empty for nothing."""
        ...

    def renew(self, context: Any) -> None:
        """A subscription answers another event by way of this context: what was loaded for the one before is old.

        Events whose answer needs nothing of it pass it by.
        """
        ...


class Plain:
    """For schemas whose owner wants nothing around them."""

    def admit(self, context: Any) -> GraphQLError | None:
        """Everybody."""

    def may_introspect(self, context: Any) -> bool:
        """Everybody may."""
        return True

    def reckoned(self, cost: int, cost_max: int, context: Any) -> None:
        """Nobody is told."""

    def told(self, errors: list[GraphQLError], context: Any) -> list[GraphQLError]:
        """As they are; what a resolver raised is logged."""
        for error in errors:
            if error.original_error is not None and not isinstance(error.original_error, GraphQLError):
                log.error("An operation failed.", exc_info=error.original_error)
        return errors

    def extensions(self, context: Any) -> Mapping[str, Any]:
        """Nothing."""
        return {}

    def renew(self, context: Any) -> None:
        """Nothing to forget."""
