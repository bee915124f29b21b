"""Where the items of one client's subscription go."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeAlias, TypeVar

from realtime.items import Item

R = TypeVar("R")
R_contra = TypeVar("R_contra", contravariant=True)
S = TypeVar("S")

Render: TypeAlias = Callable[[Item[S]], R | Awaitable[R]]
"""Makes of an item what its clients get: at once, or when something was loaded for it."""


class Sink(Protocol[R_contra]):
    """Takes items without ever waiting; whoever fills it asks how many are left in it."""

    @property
    def waiting(self) -> int:
        """Items that the client has not taken yet."""
        ...

    def next(self, item: R_contra, cursor: str) -> None:
        """One more item, and the cursor behind it."""
        ...

    def end(self) -> None:
        """Nothing follows."""
        ...

    async def emptied(self) -> None:
        """Return when nothing is left in it."""
        ...
