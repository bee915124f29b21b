"""Relay's Node: everything with an id can be asked for by it."""

from __future__ import annotations

import strawberry


@strawberry.interface
class Node:
    """Something with an id of its own."""

    id: strawberry.ID
    """Opaque; its prefix says what it names."""
