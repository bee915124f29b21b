"""Readers that must not lose an event: they write rows of their own in the transaction that numbers it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from db.engine import Connection
from db.outbox import StoredEvent


class DurableReader(Protocol):
    """Turns events into rows, such as notifications to send.

    It is called again with the same events after a failure, so its rows are unique per event.
    """

    name: str

    async def read(self, connection: Connection, events: Sequence[StoredEvent]) -> None:
        """Write what follows from `events`, in their order, on the given connection only."""
        ...


class ReaderFailed(Exception):
    """A reader could not take these events; none of them was numbered."""

    def __init__(self, reader: str) -> None:
        self.reader = reader
        super().__init__(reader)


async def read_all(readers: Sequence[DurableReader], connection: Connection, events: Sequence[StoredEvent]) -> None:
    """Let every reader read. Raises ReaderFailed, chained to what went wrong."""
    for reader in readers:
        try:
            await reader.read(connection, events)
        except Exception as fault:  # a reader's fault concerns these events, not the relay
            raise ReaderFailed(reader.name) from fault
