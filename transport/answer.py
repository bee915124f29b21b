"""What an operation gives to whatever it came by."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

from transport.shared import Render


# Made for every request; to freeze one takes longer than to make it.
@dataclass(slots=True)
class Answer:
    """What the client gets. `has_run` is false where nothing was executed: the request itself was at fault."""

    body: bytes
    has_run: bool = True
    status: int = 200
    """Of an HTTP answer, for clients that read statuses."""
    retry_after_seconds: int | None = None
    """When a refused client may come again."""
    lifetime_seconds: float = 0
    """How long anybody may keep it; nothing in it depends on who asked, or when."""


@dataclass(frozen=True, slots=True)
class Stream:
    """An open subscription. `source` is what the resolver answered, `render` makes of an event what the client gets.

    Streams of equal `likeness` render an event alike, as far as the viewer does not matter.
    """

    source: Any
    render: Render
    likeness: Hashable
