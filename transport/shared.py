"""A subscription's source that many may share, and where it puts what each of them gets."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Protocol, runtime_checkable

Render = Callable[[Any], bytes | Awaitable[bytes]]


class Sink(Protocol):
    """Takes what one client gets, without waiting."""

    @property
    def waiting(self) -> int:
        """Items that the client has not taken yet."""
        ...

    def next(self, item: bytes, cursor: str) -> None:
        """One more answer, and the cursor behind it."""
        ...

    def end(self) -> None:
        """Nothing follows."""
        ...

    async def emptied(self) -> None:
        """Return when nothing is left in it."""
        ...


class Attached(Protocol):
    """A client that listens to a shared source."""

    def close(self) -> None:
        """It listens no more; harmless when it was over already."""
        ...


@runtime_checkable
class SharedSource(Protocol):
    """What a resolver may answer instead of an async iterator: every event is rendered once for all who are alike."""

    async def attach(self, sink: Sink, *, likeness: Hashable, render: Render, after: str | None = None) -> Attached:
        """Give the rendered items to `sink`; `after` is a cursor that the transport was given."""
        ...
