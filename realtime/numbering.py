"""The relay's first step: events get their positions and the durable readers their rows, in one commit."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from db import outbox, streams
from db.engine import Connection
from db.outbox import StoredEvent
from db.streams import Position
from domain.clock import Clock
from realtime.metrics import RealtimeMetrics
from realtime.publication import PublishingTable, Routed, Unroutable
from realtime.readers import DurableReader, ReaderFailed, read_all

FAILURES_MAX: Final = 3

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Numbered:
    """Events, in order, with the positions that are theirs for good; `held` is how many had to stay behind."""

    routed: list[Routed] = field(default_factory=list)
    positions: dict[int, list[Position]] = field(default_factory=dict)
    held: int = 0


class Numbering:
    """Gives positions. An event that cannot be carried keeps back what follows about the same subject, until it is
    parked after its third failure; everything else goes on.
    """

    def __init__(
        self, table: PublishingTable, readers: Sequence[DurableReader], clock: Clock, metrics: RealtimeMetrics
    ) -> None:
        self._table, self._readers, self._clock, self._metrics = table, readers, clock, metrics

    async def number(self, connection: Connection, events: Sequence[StoredEvent]) -> Numbered:
        """Number a batch, together where nothing fails."""
        try:
            return await self._together(connection, [self._table.route(event) for event in events])
        except (Unroutable, ReaderFailed) as fault:
            _log.warning("a batch is carried one by one: %r", fault)
        numbered, held = Numbered(), set[str]()
        for event in events:
            if event.subject in held:
                numbered.held += 1
            elif not await self._alone(connection, event, numbered):
                held.add(event.subject)
        return numbered

    async def _together(self, connection: Connection, routed: Sequence[Routed]) -> Numbered:
        now = self._clock.now()
        routes = [(event.event.id, channel) for event in routed for channel in event.bodies]
        if self._readers:
            async with outbox.atomic(connection):
                placed = await streams.number(connection, routes, at=now)
                await read_all(self._readers, connection, [event.event for event in routed])
        else:
            placed = await streams.number(connection, routes, at=now)
        numbered = Numbered(list(routed))
        for place in placed:
            numbered.positions.setdefault(place.outbox_id, []).append(place.position)
        return numbered

    async def _alone(self, connection: Connection, event: StoredEvent, numbered: Numbered) -> bool:
        """Number one event. Whether what follows about its subject may go on."""
        try:
            one = await self._together(connection, [self._table.route(event)])
        except (Unroutable, ReaderFailed) as fault:
            is_parked = await self._note_failure(connection, event, fault)
            numbered.held += not is_parked
            return is_parked
        numbered.routed += one.routed
        numbered.positions |= one.positions
        return True

    async def _note_failure(self, connection: Connection, event: StoredEvent, fault: Exception) -> bool:
        is_parked = await outbox.note_failure(connection, event.id, at=self._clock.now(), attempts_max=FAILURES_MAX)
        if is_parked:
            self._metrics.parked.inc()
            _log.error("event parked after %d failures: %s", FAILURES_MAX, fault, exc_info=fault.__cause__)
        return is_parked
