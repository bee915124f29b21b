"""Commands that ride in a convoy: each is taken from one thing that it asks for to the next, and no further."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any, Generic, Self, TypeAlias, TypeVar

import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession

from db.changes import ignore
from db.engine import Database
from db.repositories.ledger import SqlLedger
from db.repositories.wallets import SqlWallets
from db.traces import Trace
from db.transaction import Transaction
from db.unit_of_work import Command, SqlUnitOfWork
from domain.ids import TransferId, WalletId
from domain.ledger.ports import Posting
from domain.ledger.transfer import Transfer
from domain.unit_of_work import UnitOfWork

A = TypeVar("A")
Carry: TypeAlias = Callable[[UnitOfWork], Coroutine[Any, Any, A]]
"""Carries a command out and answers its payload. It may be begun more than once, so it does nothing past its unit of
work."""


@dataclass(eq=False, slots=True)
class Member(Generic[A]):
    """A command that may ride."""

    command: Command
    carry: Carry[A]
    is_given_up: bool = False
    """Whoever gave it waits no more."""
    answer: A | None = None
    """What it answered, once it is committed."""
    lacks: str | None = None
    """The account that somebody else held when it would have posted."""
    name: tuple[str, str, str] = field(init=False)
    """What it shares with its twins, whatever their input: whose key, of which operation."""

    def __post_init__(self) -> None:
        once = self.command.once
        assert once is not None, "what is not remembered may not be begun twice"
        self.name = once.actor, once.operation, once.key


class Ask:
    """Something that a command waits for and that its convoy gets for all of them at once."""

    __slots__ = ()

    def __await__(self) -> Generator[Self, Any, Any]:
        return (yield self)


@dataclass(frozen=True, slots=True)
class WalletsAsked(Ask):
    """Wallets with what decides whether their owners may receive."""

    wallet_ids: tuple[WalletId, ...]


@dataclass(frozen=True, slots=True)
class PostingAsked(Ask):
    """A transfer to be booked."""

    transfer: Transfer
    transfer_id: TransferId
    at: datetime


class Rider:
    """One command on its way. What it cannot have in a convoy it leaves for, and nothing of it is done."""

    def __init__(self, database: Database, member: Member[Any]) -> None:
        self.member = member
        self.uow = RiderUnitOfWork(database, member.command)
        self._running = member.carry(self.uow)
        self.asked: Ask | None = None
        self.answer: object = None

    def go_on(self, outcome: object = None) -> None:
        """Let it run until it asks for the next thing, has its answer, or leaves."""
        self.asked = None
        try:
            asked = self._running.send(outcome)
        except StopIteration as end:
            self.answer = end.value
            return
        except Exception:
            # It is carried out by itself next, where it meets the same, and tells.
            return
        if isinstance(asked, Ask):
            self.asked = asked
        else:
            self.leave()

    def leave(self) -> None:
        """End what is left of it."""
        self.asked = None
        self._running.close()


class RiderUnitOfWork(SqlUnitOfWork):
    """What a command reaches in a convoy: the two sides of a transfer, the ledger's posting, and its own trace."""

    def __init__(self, database: Database, command: Command) -> None:
        super().__init__(database, command, ring=_ring_nothing)
        self._transaction = _Elsewhere(database)

    @cached_property
    def wallets(self) -> SqlWallets:
        """Whose wallet is whose."""
        return _AskingWallets(self._transaction, note=self.note)

    @cached_property
    def ledger(self) -> SqlLedger:
        """Transfers."""
        return _AskingLedger(self._transaction, note=self.note)

    @property
    def trace(self) -> Trace:
        """What it leaves behind, its answer included."""
        assert self._is_answered, f"{self._command.operation} did not remember its answer"
        return self._trace()


class _AskingWallets(SqlWallets):
    async def _with_owners(self, *wallet_ids: WalletId) -> list[asyncpg.Record]:
        rows: list[asyncpg.Record] = await WalletsAsked(wallet_ids)
        return rows


class _AskingLedger(SqlLedger):
    async def post(self, transfer: Transfer, *, transfer_id: TransferId, at: datetime) -> Posting:
        return await self._posting(transfer, await PostingAsked(transfer, transfer_id, at))


class _Elsewhere(Transaction):
    """Stands for the convoy's transaction, on which no single command has a statement of its own."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, note=ignore)

    @cached_property
    def session(self) -> AsyncSession:
        raise AskedForMore

    def __getattr__(self, name: str) -> Any:
        raise AskedForMore


class AskedForMore(Exception):
    """A convoy has no such thing."""


def _ring_nothing() -> None:
    """The convoy rings for all."""
