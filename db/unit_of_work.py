"""The only place that commits: data, events, audit row and remembered answer in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from db import idempotency, traces
from db.changes import Change
from db.engine import Database
from db.repositories.all import SqlRepositories
from db.traces import Trace
from db.transaction import Transaction, raise_as_domain_error
from domain.events import Event
from domain.idempotency import IdempotencyKey
from domain.identity.actor import Actor, ActorKind
from domain.plain import Plain
from domain.quotas import Quotas


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a unit of work is opened for: who, which operation, when, under which key and limits."""

    actor: Actor
    operation: str
    request_id: str
    now: datetime
    once: IdempotencyKey | None = None
    quotas: Quotas = Quotas()


class SqlUnitOfWork(SqlRepositories):
    """The unit of work on PostgreSQL; see the port for its promises."""

    def __init__(self, database: Database, command: Command, *, ring: Callable[[], None]) -> None:
        super().__init__(Transaction(database, note=self.note), now=command.now)
        self._lanes = database.lanes
        self._command = command
        self._ring = ring
        self.actor = command.actor
        """Who gives the command."""
        self._events: list[Event] = []
        self._reason: str | None = None
        self._answer: Plain = None
        self._is_answered = False

    @property
    def request_id(self) -> str:
        """The request it belongs to."""
        return self._command.request_id

    @property
    def quotas(self) -> Quotas:
        """The limits of this process."""
        return self._command.quotas

    def emit(self, event: Event) -> None:
        """Tell with the commit."""
        self._events.append(event)

    def because(self, reason: str | None) -> None:
        """Keep the reason for the audit row."""
        self._reason = reason

    def disclose(self, subject: str, *, fields: tuple[str, ...]) -> None:
        """Keep in the audit row what was shown in the clear."""
        self.note(Change(subject, "disclosure", before={}, after={"fields": [str(field) for field in fields]}))

    def remember(self, answer: Plain) -> None:
        """Keep the answer of a command that has an idempotency key, for whoever sends it again."""
        self._answer, self._is_answered = answer, True

    async def __aenter__(self) -> Self:
        """Begin; a command that was carried out before ends here.

        Raises:
            Replayed: the same command committed earlier; holds its answer.
            KeyReused: the key names a command with other input.
            Overloaded: too many commands are under way, of all or of this person.
        """
        once = self._command.once
        await self._lanes.enter(self._person)
        try:
            if once is None:
                await self._transaction.begin()
            else:
                outcome = await self._transaction.begin(idempotency.claiming(once, at=self.now))
                await idempotency.require_claimed(self._transaction.driver, once, outcome)
        except BaseException as fault:
            await self._close()
            raise_as_domain_error(fault)
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or leave nothing behind."""
        try:
            if fault is None:
                await self._commit()
        except BaseException as failed:
            raise_as_domain_error(failed)
            raise
        finally:
            await self._close()
        if fault is not None:
            raise_as_domain_error(fault)
        elif self._events:
            self._ring()

    async def _close(self) -> None:
        try:
            await self._transaction.close()
        finally:
            self._lanes.leave(self._person)

    @cached_property
    def _person(self) -> str | None:
        return self.actor.label if self.actor.is_signed_in else None

    async def _commit(self) -> None:
        once = self._command.once
        assert once is None or self._is_answered, f"{self._command.operation} did not remember its answer"
        await self._transaction.flush()
        # A job that found nothing to do leaves no trace; a person's command always does.
        if once or self._changes or self._events or self.actor.kind is not ActorKind.SYSTEM:
            await self._transaction.commit(traces.leaving(self._trace()))
        else:
            await self._transaction.commit()

    def _trace(self) -> Trace:
        return Trace(
            actor=self.actor.signature,
            operation=self._command.operation,
            request_id=self.request_id,
            address=self.actor.address,
            at=self.now,
            events=self._events,
            changes=self._changes,
            reason=self._reason,
            once=self._command.once,
            answer=self._answer,
        )
