"""What becomes of an event: its channels, what each of them may see, and the name clients know it by."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from db.outbox import StoredEvent
from db.streams import Position
from domain.events import Event
from domain.plain import Plain, from_plain
from realtime.envelope import Envelope

E = TypeVar("E", bound=Event)
F_contra = TypeVar("F_contra", contravariant=True)
Body = dict[str, Plain]


@dataclass(frozen=True, slots=True)
class Address(Generic[F_contra]):
    """One kind of channel that an event goes to. `pattern` and `audience` are for the documentation.

    `channels` may be empty for an event that this audience does not hear; `body` holds only what it may see.
    """

    pattern: str
    audience: str
    channels: Callable[[F_contra], Sequence[str]]
    body: Callable[[F_contra], Body]


@dataclass(frozen=True, slots=True)
class Publication(Generic[E]):
    """What becomes of one event type. `type` is its name on the wire, a seed's where the seeds name it."""

    event: type[E]
    type: str
    addresses: tuple[Address[E], ...]

    def bodies(self, event: E) -> dict[str, Body]:
        """What each channel gets."""
        return {channel: address.body(event) for address in self.addresses for channel in address.channels(event)}


def silent(event: type[E]) -> Publication[E]:
    """An event that is recorded and that no channel carries; said, so that it cannot be forgotten."""
    return Publication(event, event.name, ())


@dataclass(frozen=True, slots=True)
class Routed:
    """An event with the channels it goes to."""

    event: StoredEvent
    type: str
    bodies: Mapping[str, Body]

    def at(self, position: Position) -> Envelope | None:
        """The envelope for the stream whose position this is; None when the event no longer goes there."""
        body = self.bodies.get(position.stream)
        if body is None:
            return None
        return Envelope(
            event_id=self.event.event_id,
            name=self.event.name,
            type=self.type,
            version=self.event.version,
            at=self.event.at,
            position=position,
            request_id=self.event.request_id,
            body=body,
        )


class PublishingTable:
    """All publications, found by an event's name and version."""

    def __init__(self, publications: Sequence[Publication[Any]]) -> None:
        self._by_name: Final = {(row.event.name, row.event.version): row for row in publications}
        assert len(self._by_name) == len(publications), "an event type is published once"
        self.publications: Final = tuple(publications)
        self._read: tuple[Envelope | None, Event | None] = (None, None)

    def route(self, event: StoredEvent) -> Routed:
        """Where a stored event goes.

        Raises:
            Unroutable: the event is not in the table, or its body is not what its type says.
        """
        try:
            publication = self._by_name[event.name, event.version]
            bodies = publication.bodies(from_plain(publication.event, event.body))
        except Exception as fault:  # stored facts can fail in any way; the relay must know which event it was
            raise Unroutable(event) from fault
        return Routed(event, publication.type, bodies)

    def fact(self, envelope: Envelope) -> Event:
        """The event itself, on a channel that tells all of it; all groups of a channel ask for it in a row."""
        read, fact = self._read
        if read is not envelope or fact is None:
            fact = from_plain(self._by_name[envelope.name, envelope.version].event, envelope.body)
            self._read = (envelope, fact)
        return fact


class Unroutable(Exception):
    """No code here can say where this event goes."""

    def __init__(self, event: StoredEvent) -> None:
        super().__init__(f"{event.name} version {event.version}, outbox id {event.id}")
