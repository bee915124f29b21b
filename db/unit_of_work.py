"""The only place that commits: data, events, audit row and remembered answer in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Any, Final, Self

from sqlalchemy import event, insert
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from db import idempotency, outbox
from db.changes import Change, changes_in
from db.repositories.catalog import SqlCategories
from db.repositories.identity.credentials import SqlDeviceKeys, SqlPins, SqlSigningKeys
from db.repositories.identity.messages import SqlOutgoingMessages
from db.repositories.identity.passcodes import SqlPasscodes
from db.repositories.identity.sessions import SqlSessions
from db.repositories.identity.users import SqlUsers
from db.repositories.ledger import SqlLedger
from db.repositories.listings import SqlListings
from db.repositories.settings import SqlSettings
from db.repositories.wallets import SqlWallets
from db.tables.audit import audit_entries
from domain.errors import ConcurrentChange
from domain.events import Event
from domain.idempotency import IdempotencyKey
from domain.identity.actor import Actor, ActorKind
from domain.ids import new_id
from domain.plain import Plain, to_plain
from domain.quotas import Quotas

# Serialization failure, deadlock, lock not available, statement cancelled by its time limit.
_MEETINGS: Final = frozenset({"40001", "40P01", "55P03", "57014"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What a unit of work is opened for: who, which operation, when, under which key and limits."""

    actor: Actor
    operation: str
    request_id: str
    now: datetime
    once: IdempotencyKey | None = None
    quotas: Quotas = Quotas()


class SqlUnitOfWork:
    """The unit of work on PostgreSQL; see the port for its promises."""

    def __init__(self, session: AsyncSession, command: Command, *, ring: Callable[[], None]) -> None:
        self.session = session
        self._command = command
        self._ring = ring
        self._events: list[Event] = []
        self._changes: list[Change] = []
        self._reason: str | None = None
        self._answer: Plain = None
        self._is_answered = False
        event.listen(session.sync_session, "before_flush", self._note_changes)

    @property
    def actor(self) -> Actor:
        """Who gives the command."""
        return self._command.actor

    @property
    def now(self) -> datetime:
        """The instant of the command."""
        return self._command.now

    @property
    def request_id(self) -> str:
        """The request it belongs to."""
        return self._command.request_id

    @property
    def quotas(self) -> Quotas:
        """The limits of this process."""
        return self._command.quotas

    @cached_property
    def users(self) -> SqlUsers:
        """People."""
        return SqlUsers(self.session)

    @cached_property
    def sessions(self) -> SqlSessions:
        """Their sessions."""
        return SqlSessions(self.session)

    @cached_property
    def passcodes(self) -> SqlPasscodes:
        """Codes sent to addresses."""
        return SqlPasscodes(self.session)

    @cached_property
    def pins(self) -> SqlPins:
        """People's second factor."""
        return SqlPins(self.session)

    @cached_property
    def device_keys(self) -> SqlDeviceKeys:
        """Keys that devices sign in with."""
        return SqlDeviceKeys(self.session)

    @cached_property
    def outgoing_messages(self) -> SqlOutgoingMessages:
        """Messages that wait to be sent."""
        return SqlOutgoingMessages(self.session, now=self.now)

    @cached_property
    def signing_keys(self) -> SqlSigningKeys:
        """The keys of access tokens."""
        return SqlSigningKeys(self.session)

    @cached_property
    def categories(self) -> SqlCategories:
        """The tree of categories."""
        return SqlCategories(self.session)

    @cached_property
    def listings(self) -> SqlListings:
        """Classified ads."""
        return SqlListings(self.session)

    @cached_property
    def ledger(self) -> SqlLedger:
        """Accounts, transfers and holds."""
        return SqlLedger(self.session, note=self.note)

    @cached_property
    def wallets(self) -> SqlWallets:
        """Whose wallet is whose."""
        return SqlWallets(self.session)

    @cached_property
    def settings(self) -> SqlSettings:
        """Settings and feature flags."""
        return SqlSettings(self.session)

    def emit(self, event: Event) -> None:
        """Tell with the commit."""
        self._events.append(event)

    def because(self, reason: str | None) -> None:
        """Keep the reason for the audit row."""
        self._reason = reason

    def note(self, change: Change) -> None:
        """Add to the audit row what a repository changed past the session."""
        self._changes.append(change)

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
        """
        await self.session.begin()
        if self._command.once is not None:
            try:
                await idempotency.claim(self.session, self._command.once, at=self.now)
            except BaseException as fault:
                await self.session.close()
                _raise_as_domain_error(fault)
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
            _raise_as_domain_error(failed)
            raise
        finally:
            await self.session.close()
        if fault is not None:
            _raise_as_domain_error(fault)
        elif self._events:
            self._ring()

    async def _commit(self) -> None:
        await self.session.flush()
        if self._command.once is not None:
            assert self._is_answered, f"{self._command.operation} did not remember its answer"
            await idempotency.keep(self.session, self._command.once, self._answer)
        if self._events:
            await outbox.append(
                self.session, self._events, actor=self.actor.label, request_id=self.request_id, at=self.now
            )
        # A job that found nothing to do leaves no trace; a person's command always does.
        if self._changes or self._events or self.actor.kind is not ActorKind.SYSTEM:
            await self.session.execute(insert(audit_entries), [self._audit_row()])
        await self.session.commit()

    def _audit_row(self) -> dict[str, Any]:
        subject = self._changes[0].subject if self._changes else self._events[0].subject if self._events else None
        return {
            "id": new_id(),
            "actor": self.actor.label,
            "operation": self._command.operation,
            "subject": subject,
            "reason": self._reason,
            "changes": [to_plain(change) for change in self._changes],
            "request_id": self.request_id,
            "address": self.actor.address,
            "at": self.now,
        }

    def _note_changes(self, session: Any, *_: object) -> None:
        self._changes.extend(changes_in(session))


def _raise_as_domain_error(fault: BaseException) -> None:
    """Commands that met are a refusal to the later one, not a fault of the server: on rows, or for a connection."""
    if isinstance(fault, StaleDataError | IntegrityError | PoolTimeout):
        raise ConcurrentChange from fault
    if isinstance(fault, DBAPIError) and getattr(fault.orig, "sqlstate", None) in _MEETINGS:
        raise ConcurrentChange from fault
