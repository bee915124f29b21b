"""Callbacks that wait are taken in, each in a commit with what it does, whoever's they are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import structlog

from domain.errors import DomainError
from domain.payments.callback_inbox import CallbackInbox, UnreadableCallback
from domain.unit_of_work import UnitOfWork
from jobs.parts import Parts

BATCH: Final = 50
LEASE_SECONDS: Final = 60
UNREADABLE: Final = "UNREADABLE"

_log = structlog.get_logger("sokoni.jobs")


class Claimed(Protocol):
    """A callback that is ours to take in until the lease ends."""

    @property
    def attempt(self) -> int:
        """Counts this one."""
        ...

    @property
    def request_id(self) -> str:
        """The request that brought it."""
        ...


C = TypeVar("C", bound=Claimed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What a callback comes to. `alarm` is raised once that is committed, where people have to look."""

    outcome: str
    is_refused: bool = False
    alarm: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake(Generic[C]):
    """One kind of callback. `judge` reads one, and does what it says within the command it is given; with nothing to
    answer it leaves the callback for later. `about` is what the log calls it.
    """

    operation: str
    inbox: Callable[[UnitOfWork], CallbackInbox[C]]
    judge: Callable[[UnitOfWork, C], Awaitable[Verdict | None]]
    about: Callable[[C], dict[str, str]]


async def take_in_waiting(parts: Parts, intake: Intake[C]) -> None:
    """Take in what waits. Run twice, or after a crash, money is booked once."""
    claimed = BATCH
    while claimed == BATCH:
        async with parts.unit_of_work(intake.operation) as uow:
            due = await intake.inbox(uow).claim_due(limit=BATCH, lease_seconds=LEASE_SECONDS)
        for callback in due:
            await _take_in(parts, intake, callback)
        claimed = len(due)


async def _take_in(parts: Parts, intake: Intake[C], callback: C) -> None:
    try:
        await _judge(parts, intake, callback)
    except UnreadableCallback:
        async with parts.unit_of_work(intake.operation) as uow:
            await intake.inbox(uow).note_refused(callback, outcome=UNREADABLE)
        _refused(intake, callback, UNREADABLE)
    except DomainError:
        # One that cannot be taken in now must not keep the others from it.
        _log.exception("callback_not_taken_in", **intake.about(callback), attempt=callback.attempt)
        async with parts.unit_of_work(intake.operation) as uow:
            await intake.inbox(uow).note_failed(callback)


async def _judge(parts: Parts, intake: Intake[C], callback: C) -> None:
    async with parts.unit_of_work(intake.operation) as uow:
        verdict = await intake.judge(uow, callback)
        if verdict is None:
            return
        note = intake.inbox(uow).note_refused if verdict.is_refused else intake.inbox(uow).note_taken
        await note(callback, outcome=verdict.outcome)
    if verdict.is_refused:
        _refused(intake, callback, verdict.outcome)
    if verdict.alarm is not None:
        verdict.alarm()


def _refused(intake: Intake[C], callback: C, why: str) -> None:
    _log.error("callback_refused", **intake.about(callback), request_id=callback.request_id, why=why)
