"""Every entity meets its table, once per process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import registry

from db.registry import mappers

_MAPPINGS: Final[tuple[Callable[[registry], None], ...]] = ()


def map_everything() -> None:
    """Map all entities; harmless when they are mapped already."""
    if not list(mappers.mappers):
        for mapping in _MAPPINGS:
            mapping(mappers)
