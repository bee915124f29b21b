"""What happened, in the past tense: events are emitted by use cases and never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, kw_only=True)
class Event:
    """One fact. Fields may be added within a version; anything else is a new version beside the old one."""

    name: ClassVar[str]
    version: ClassVar[int] = 1

    @property
    def subject(self) -> str:
        """What it is about, as `prefix_id`; events of one subject keep their order."""
        raise AssertionError(f"{type(self).__name__} names no subject")


def event_types(root: type[Event] = Event) -> Iterator[type[Event]]:
    """Every event type there is; one is known as soon as its module is imported."""
    for child in root.__subclasses__():
        yield child
        yield from event_types(child)
