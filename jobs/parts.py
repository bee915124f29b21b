"""What jobs may reach; the application fills it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from domain.clock import Clock
from domain.gateways import Sealer
from domain.identity.ports import Messenger
from domain.payments.acquirer import Acquirer
from domain.payments.mobile_money import MobileMoney
from domain.payments.state import Rail
from domain.payouts.ports import CallbackReader, PayoutSender
from domain.payouts.reconciliation import StatementSource
from domain.payouts.state import PayoutRail
from domain.unit_of_work import UnitOfWork
from domain.uploads import Storage
from domain.wallets.ports import RateSource


class OpenUnitOfWork(Protocol):
    """Opens a command of the market itself."""

    def __call__(self, operation: str) -> AbstractAsyncContextManager[UnitOfWork]:
        """A unit of work that commits when left without an exception; `operation` names it in the audit trail."""
        ...


class Lead(Protocol):
    """Makes sure that of all workers one does it."""

    def __call__(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Whether this process leads until the end of the block; another one's lead is not waited for."""
        ...


class PurgeAnswers(Protocol):
    """Forgets what idempotency keys answered."""

    async def __call__(self, *, at: datetime, limit: int) -> int:
        """Forget at most `limit` answers that are kept no longer than this instant; answers how many."""
        ...


class TrimOutbox(Protocol):
    """Forgets relayed events."""

    async def __call__(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` relayed events of before this instant, the oldest first; answers how many."""
        ...


class ForgetSignatures(Protocol):
    """Forgets signatures that are too old to be shown again."""

    async def __call__(self, *, before: datetime, limit: int) -> int:
        """Forget at most `limit` used before this instant, the oldest first; answers how many."""
        ...


class EmptyCallbacks(Protocol):
    """Forgets what callbacks said that were taken in."""

    async def __call__(self, *, before: datetime, limit: int) -> int:
        """Empty at most `limit` bodies of each kind that came before this instant, the oldest first, but for those of
        payments and payouts that have not ended; answers how many.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Ports of storage and vendors, and the clock."""

    unit_of_work: OpenUnitOfWork
    lead: Lead
    clock: Clock
    purge_answers: PurgeAnswers
    trim_outbox: TrimOutbox
    forget_signatures: ForgetSignatures
    empty_callbacks: EmptyCallbacks
    messenger: Messenger
    sealer: Sealer
    storage: Storage
    payout_senders: Mapping[PayoutRail, PayoutSender] = field(default_factory=dict)
    """Rails that pay by themselves."""
    payout_callbacks: CallbackReader | None = None
    """Reads what such a rail tells; None where none does."""
    statement_sources: Mapping[PayoutRail, StatementSource] = field(default_factory=dict)
    """Rails that can be asked what they did on a day."""
    mobile_money: MobileMoney | None = None
    """None where M-Pesa is not open."""
    acquirers: Mapping[Rail, Acquirer] = field(default_factory=dict)
    """Of the rails that are open and have one."""
    rate_source: RateSource | None = None
    """None where only finance says what assets are worth."""
