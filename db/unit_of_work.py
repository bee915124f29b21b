"""The only place that commits: data, events, audit row and remembered answer in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncSession

from db import idempotency, traces
from db.changes import Change
from db.engine import Database
from db.repositories.bank_files import SqlBankFiles
from db.repositories.catalog import SqlCategories
from db.repositories.checkouts import SqlAcquirerCallbacks, SqlCheckouts, SqlDisputes
from db.repositories.confirmations import SqlConfirmations
from db.repositories.conversion import SqlQuotes, SqlRates
from db.repositories.identity.api_keys import SqlApiKeys
from db.repositories.identity.credentials import SqlDeviceKeys, SqlPins, SqlSigningKeys, SqlTotps
from db.repositories.identity.messages import SqlOutgoingMessages
from db.repositories.identity.passcodes import SqlPasscodes
from db.repositories.identity.sessions import SqlSessions
from db.repositories.identity.users import SqlUsers
from db.repositories.kyc import SqlKycStandings
from db.repositories.ledger import SqlLedger
from db.repositories.listings import SqlListings
from db.repositories.merchants import SqlMerchants
from db.repositories.mpesa import SqlMpesaCallbacks, SqlMpesaRequests
from db.repositories.operations import SqlOperations
from db.repositories.orders import SqlOrders
from db.repositories.payments import SqlPayments, SqlTopUps
from db.repositories.payout_callbacks import SqlPayoutCallbacks
from db.repositories.payout_statements import SqlPayoutStatements
from db.repositories.payouts import SqlPayouts
from db.repositories.products import SqlProducts
from db.repositories.rail_pauses import SqlRailPauses
from db.repositories.reconciliation import SqlReconciliations
from db.repositories.refunds import SqlRefunds
from db.repositories.settings import SqlSettings
from db.repositories.tip_payouts import SqlTipPayoutRules
from db.repositories.tips import SqlTips
from db.repositories.uploads import SqlUploads
from db.repositories.wallets import SqlWallets
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


class SqlUnitOfWork:
    """The unit of work on PostgreSQL; see the port for its promises."""

    def __init__(self, database: Database, command: Command, *, ring: Callable[[], None]) -> None:
        self._lanes = database.lanes
        self._transaction = Transaction(database, note=self.note)
        self._command = command
        self._ring = ring
        self._events: list[Event] = []
        self._changes: list[Change] = []
        self._reason: str | None = None
        self._answer: Plain = None
        self._is_answered = False

    @property
    def session(self) -> AsyncSession:
        """The mapper's session in this transaction."""
        return self._transaction.session

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
        return SqlPasscodes(self._transaction)

    @cached_property
    def pins(self) -> SqlPins:
        """People's second factor."""
        return SqlPins(self.session)

    @cached_property
    def totps(self) -> SqlTotps:
        """People's authenticators."""
        return SqlTotps(self.session)

    @cached_property
    def device_keys(self) -> SqlDeviceKeys:
        """Keys that devices sign in with."""
        return SqlDeviceKeys(self.session)

    @cached_property
    def api_keys(self) -> SqlApiKeys:
        """Keys by which programs act for people."""
        return SqlApiKeys(self.session)

    @cached_property
    def outgoing_messages(self) -> SqlOutgoingMessages:
        """Messages that wait to be sent."""
        return SqlOutgoingMessages(self.session, now=self.now)

    @cached_property
    def signing_keys(self) -> SqlSigningKeys:
        """The keys of access tokens."""
        return SqlSigningKeys(self._transaction)

    @cached_property
    def categories(self) -> SqlCategories:
        """The tree of categories."""
        return SqlCategories(self._transaction)

    @cached_property
    def listings(self) -> SqlListings:
        """Classified ads."""
        return SqlListings(self._transaction)

    @cached_property
    def ledger(self) -> SqlLedger:
        """Accounts, transfers and holds."""
        return SqlLedger(self._transaction, note=self.note)

    @cached_property
    def wallets(self) -> SqlWallets:
        """Whose wallet is whose."""
        return SqlWallets(self._transaction, note=self.note)

    @cached_property
    def rates(self) -> SqlRates:
        """Exchange rates."""
        return SqlRates(self._transaction)

    @cached_property
    def quotes(self) -> SqlQuotes:
        """Promised conversions."""
        return SqlQuotes(self._transaction)

    @cached_property
    def payments(self) -> SqlPayments:
        """What should be paid."""
        return SqlPayments(self._transaction, now=self.now)

    @cached_property
    def merchants(self) -> SqlMerchants:
        """Businesses."""
        return SqlMerchants(self._transaction, now=self.now)

    @cached_property
    def products(self) -> SqlProducts:
        """What they sell, and their stock."""
        return SqlProducts(self._transaction, now=self.now)

    @cached_property
    def orders(self) -> SqlOrders:
        """What was bought."""
        return SqlOrders(self._transaction, note=self.note)

    @cached_property
    def payouts(self) -> SqlPayouts:
        """What leaves the market."""
        return SqlPayouts(self._transaction, now=self.now)

    @cached_property
    def bank_files(self) -> SqlBankFiles:
        """Files by which payouts leave."""
        return SqlBankFiles(self._transaction, now=self.now)

    @cached_property
    def payout_statements(self) -> SqlPayoutStatements:
        """What rails say that they did."""
        return SqlPayoutStatements(self._transaction, now=self.now)

    @cached_property
    def rail_pauses(self) -> SqlRailPauses:
        """Rails of payouts that are left alone."""
        return SqlRailPauses(self._transaction, now=self.now)

    @cached_property
    def payout_callbacks(self) -> SqlPayoutCallbacks:
        """What rails told of payouts."""
        return SqlPayoutCallbacks(self.session, now=self.now)

    @cached_property
    def reconciliations(self) -> SqlReconciliations:
        """What rails say beside what is booked."""
        return SqlReconciliations(self._transaction)

    @cached_property
    def refunds(self) -> SqlRefunds:
        """What was given back."""
        return SqlRefunds(self._transaction)

    @cached_property
    def kyc_standings(self) -> SqlKycStandings:
        """How well people are known."""
        return SqlKycStandings(self._transaction)

    @cached_property
    def confirmations(self) -> SqlConfirmations:
        """What people are told by e-mail of their money."""
        return SqlConfirmations(self._transaction, now=self.now)

    @cached_property
    def mpesa_requests(self) -> SqlMpesaRequests:
        """Prompts of M-Pesa."""
        return SqlMpesaRequests(self._transaction, now=self.now)

    @cached_property
    def mpesa_callbacks(self) -> SqlMpesaCallbacks:
        """What M-Pesa called back."""
        return SqlMpesaCallbacks(self.session, now=self.now)

    @cached_property
    def checkouts(self) -> SqlCheckouts:
        """Payments as their acquirers know them."""
        return SqlCheckouts(self.session, now=self.now)

    @cached_property
    def acquirer_callbacks(self) -> SqlAcquirerCallbacks:
        """What acquirers called back."""
        return SqlAcquirerCallbacks(self.session, now=self.now)

    @cached_property
    def disputes(self) -> SqlDisputes:
        """What payers' banks ask back."""
        return SqlDisputes(self.session)

    @cached_property
    def tips(self) -> SqlTips:
        """Workers and their tips."""
        return SqlTips(self._transaction, now=self.now, note=self.note)

    @cached_property
    def tip_payout_rules(self) -> SqlTipPayoutRules:
        """Rules by which tips leave."""
        return SqlTipPayoutRules(self._transaction, now=self.now)

    @cached_property
    def uploads(self) -> SqlUploads:
        """Stored files."""
        return SqlUploads(self._transaction)

    @cached_property
    def top_ups(self) -> SqlTopUps:
        """What payments become in wallets."""
        return SqlTopUps(self._transaction)

    @cached_property
    def settings(self) -> SqlSettings:
        """Settings and feature flags."""
        return SqlSettings(self._transaction)

    @cached_property
    def operations(self) -> SqlOperations:
        """Registered operations."""
        return SqlOperations(self._transaction)

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
