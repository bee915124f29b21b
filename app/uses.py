"""What was used since the last time it was written down."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from db.engine import Database
from db.uses import note_key_uses, note_operation_uses
from domain.clock import Clock
from domain.ids import ApiKeyId, OperationId

WRITE_SECONDS: Final = 5.0

_log = logging.getLogger(__name__)


class Uses:
    """One per process; written every `WRITE_SECONDS` and at the end.

    What cannot be written is kept for the next time.
    """

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database, self._clock = database, clock
        self._keys: dict[ApiKeyId, None] = {}
        self._operations: dict[OperationId, None] = {}

    def of_key(self, key_id: ApiKeyId) -> None:
        """A key was let in."""
        self._keys[key_id] = None

    def of_operation(self, operation_id: OperationId) -> None:
        """A registered operation ran by its id."""
        self._operations[operation_id] = None

    async def write(self) -> None:
        """Write down what was used; the time is that of writing, so it is late by as much as it waited."""
        now = self._clock.now()
        keys, operations = self._keys, self._operations
        self._keys, self._operations = {}, {}
        try:
            if keys:
                await note_key_uses(self._database, list(keys), at=now)
            if operations:
                await note_operation_uses(self._database, list(operations), at=now)
        except BaseException:
            self._keys = {**keys, **self._keys}
            self._operations = {**operations, **self._operations}
            raise

    async def run(self) -> None:
        """Keep writing until cancelled, and once more then."""
        try:
            while True:
                await asyncio.sleep(WRITE_SECONDS)
                await self._try_to_write()
        finally:
            await self._try_to_write()

    async def _try_to_write(self) -> None:
        try:
            await self.write()
        except Exception:  # a loop outlives every fault of the database; the next time tells it as well
            _log.exception("uses could not be written")
