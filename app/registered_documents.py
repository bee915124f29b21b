"""Who may run which document by its id: what was registered is remembered, and kept as it is everywhere."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from app.uses import Uses
from db.engine import Database
from db.reads.operations import RunnableOperation, runnable_named, runnable_since
from domain.clock import Clock
from domain.identity.actor import Actor
from domain.identity.api_key import ApiKeyKind
from domain.ids import OperationId
from domain.operations.manifest import ID_PREFIX
from realtime.channels import OPERATIONS
from realtime.hub import Hub
from resolvers.context import ApiContext

REFRESH_SECONDS: Final = 2.0
OVERLAP: Final = timedelta(minutes=1)
# What a registered operation may be named by: our own id, and bare digests of the kinds that manifests have.
_NAME: Final = re.compile(rf"(?:{ID_PREFIX})?[0-9a-f]{{64}}|[0-9a-f]{{32}}|[0-9a-f]{{40}}", re.ASCII)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a process reads what is registered, and tells what ran."""

    database: Database
    clock: Clock
    uses: Uses


class RegisteredDocuments:
    """See `transport.persisted.PersistedDocuments`; one per process.

    Read at the start, at once when an event says that something changed, and every `REFRESH_SECONDS`: without relay or
    Redis it takes a moment longer, not for ever. Each reading goes back a minute before the last one, for commands that
    commit late and clocks that differ. `remembers_texts`: a text that came with its digest is found by it afterwards.
    """

    def __init__(self, *, remembers_texts: bool = True) -> None:
        self._remembers_texts = remembers_texts
        self._source: Source | None = None
        self._read_until: datetime | None = None
        self._refreshing = asyncio.Lock()
        self._operations: dict[OperationId, RunnableOperation] = {}
        self._by_name: dict[str, dict[OperationId, RunnableOperation]] = {}
        self._told: list[Callable[[], None]] = []

    async def open(self, source: Source) -> None:
        """Know what may be run, before the first request is answered."""
        self._source = source
        await self.refresh()

    def when_changed(self, forget: Callable[[], None]) -> None:
        """Call `forget` when something may be run that might not before, or the other way round."""
        self._told.append(forget)

    def find(self, document_id: str, context: ApiContext) -> str | None:
        found = self._meant(document_id, context.actor)
        return found.body if found else None

    async def fetch(self, document_id: str, context: ApiContext) -> str | None:
        if not _NAME.fullmatch(document_id):
            return None
        async with self._from.database.read() as connection:
            named = await runnable_named(connection, document_id)
        found = next((operation for operation in named if is_for(operation, context.actor)), None)
        if found is None:
            return None
        await self.refresh()
        return found.body

    def takes_text(self, context: ApiContext) -> bool:
        return context.api_key is None or context.api_key.kind is not ApiKeyKind.MERCHANT

    def takes_trusted(self, context: ApiContext) -> bool:
        return self.takes_text(context)

    def registers(self, context: ApiContext) -> bool:
        return self._remembers_texts and self.takes_text(context)

    def ran(self, document_id: str, context: ApiContext) -> None:
        found = self._meant(document_id, context.actor)
        if found is not None:
            self._from.uses.of_operation(found.id)

    async def refresh(self) -> None:
        """Read what changed since the last reading; one reads at a time, so nothing old follows something newer."""
        async with self._refreshing:
            now = self._from.clock.now()
            since = self._read_until - OVERLAP if self._read_until else None
            async with self._from.database.read() as connection:
                changed = await runnable_since(connection, since)
            self._read_until = now
            news = [operation for operation in changed if self._is_news(operation)]
            for operation in news:
                self._keep(operation)
        for forget in self._told if news else ():
            forget()

    async def run(self, hub: Hub) -> None:
        """Keep reading until cancelled."""
        async with hub.listening(OPERATIONS) as listener:
            while True:
                await listener.next(timeout_seconds=REFRESH_SECONDS)
                listener.forget()
                try:
                    await self.refresh()
                except Exception:  # a loop outlives every fault of the database; the next reading reaches as far back
                    _log.exception("registered operations could not be read")

    @property
    def _from(self) -> Source:
        assert self._source is not None, "requests come after the start"
        return self._source

    def _meant(self, document_id: str, actor: Actor) -> RunnableOperation | None:
        """What the actor means by an id; their own before what is for everybody."""
        named = self._by_name.get(document_id)
        if named is None:
            return None
        allowed = [operation for operation in named.values() if is_for(operation, actor)]
        return next((operation for operation in allowed if operation.owner_id), allowed[0] if allowed else None)

    def _is_news(self, operation: RunnableOperation) -> bool:
        """Whether it is not known so: readings overlap, and most of what they bring was there before."""
        return self._operations.get(operation.id) != (operation if operation.is_active else None)

    def _keep(self, operation: RunnableOperation) -> None:
        former = self._operations.pop(operation.id, None)
        for name in names_of(former) if former else ():
            named = self._by_name[name]
            del named[operation.id]
            if not named:
                del self._by_name[name]
        if operation.is_active:
            self._operations[operation.id] = operation
            for name in names_of(operation):
                self._by_name.setdefault(name, {})[operation.id] = operation


def is_for(operation: RunnableOperation, actor: Actor) -> bool:
    """Whether this actor may run it by its id."""
    return operation.owner_id is None or operation.owner_id == actor.user


def names_of(operation: RunnableOperation) -> Iterator[str]:
    """Every id that a client may name it by; Apollo's clients send the bare digest."""
    yield operation.document_id
    yield operation.document_id.removeprefix(ID_PREFIX)
    yield from operation.aliases
