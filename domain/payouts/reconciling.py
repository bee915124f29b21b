"""Reconciling: both sides of a rail's day are compared, as often as something new is known."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.ids import DiscrepancyId, new_id
from domain.payouts.errors import NoStatement, StatementBeingBooked
from domain.payouts.reconciliation import (
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyState,
    LineSide,
    ReconciliationRun,
    RunState,
    Unconfirmed,
)
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import LineKind
from domain.settings.market_clock import market_offset
from domain.unit_of_work import UnitOfWork

STARTS_AT: Final = time(2)
CAUGHT_UP_DAYS: Final = 31
EARLIEST: Final = date(2000, 1, 1)
_BOOKED_AS: Final = {
    LineKind.PAID: (PayoutState.PAID,),
    LineKind.REFUSED: (PayoutState.FAILED, PayoutState.RETURNED),
    LineKind.RETURNED: (PayoutState.FAILED, PayoutState.RETURNED),
}


async def begin_runs(uow: UnitOfWork, *, rail: PayoutRail) -> None:
    """Have a run for every day that is over, from 02:00 of the market's own day on; also for those that nobody began, a
    month back at most. Begun twice, there is one.
    """
    now = uow.now + await market_offset(uow)
    yesterday = now.date() - timedelta(days=1 if now.time() >= STARTS_AT else 2)
    first = await uow.reconciliations.first_day(rail) or yesterday
    since = max(first, yesterday - timedelta(days=CAUGHT_UP_DAYS))
    # Not from the last one on: a person may have compared a later day while no worker ran.
    begun = await uow.reconciliations.days_since(rail, since)
    for days in range((yesterday - since).days + 1):
        day = since + timedelta(days=days)
        if day not in begun:
            await uow.reconciliations.run_for_update(rail, day, at=uow.now)


async def reconcile(uow: UnitOfWork, *, rail: PayoutRail, day: date) -> ReconciliationRun:
    """Compare both sides of a day with what is known now. Compared again, new differences are added, those that went
    are cleared, and what finance did stays.

    Raises:
        InvalidInput: the day is not over, or long before the market's first.
        StatementBeingBooked: lines of the day wait to be booked.
    """
    offset = await market_offset(uow)
    if day < EARLIEST:
        raise InvalidInput(FieldFault(("day",), "is before there was a market"))
    if day >= (uow.now + offset).date():
        raise InvalidInput(FieldFault(("day",), "is not over"))
    run = await uow.reconciliations.run_for_update(rail, day, at=uow.now)
    if await uow.reconciliations.is_being_booked(rail, day):
        raise StatementBeingBooked
    begins = datetime.combine(day, time(), UTC) - offset
    lines = await uow.reconciliations.lines(rail, day)
    unconfirmed = await uow.reconciliations.unconfirmed(rail, since=begins, until=begins + timedelta(days=1))
    found = [*_told_otherwise(lines), *(_Found.there(payout) for payout in unconfirmed)]
    await _keep(uow, run, found)
    run.state, run.reconciled_at, run.has_news = RunState.DONE, uow.now, False
    run.matched_count = sum(_kind_of(line) is None for line in lines)
    kinds = [each.kind for each in found]
    run.missing_here_count = kinds.count(DiscrepancyKind.MISSING_HERE)
    run.missing_there_count = kinds.count(DiscrepancyKind.MISSING_THERE)
    run.wrong_amount_count = kinds.count(DiscrepancyKind.WRONG_AMOUNT)
    return run


async def compare_now(uow: UnitOfWork, *, rail: PayoutRail, day: date) -> ReconciliationRun:
    """Compare a day because a person wants it.

    Raises:
        InvalidInput, StatementBeingBooked: as for `reconcile`.
        NoStatement: the rail pays by itself and told of no payment of the day. Without its word all that it paid would
            look as if it had not left, to be given back by one action each.
    """
    if rail.pays_by_itself and not await uow.reconciliations.lines(rail, day):
        raise NoStatement
    return await reconcile(uow, rail=rail, day=day)


async def reconcile_if_told(uow: UnitOfWork, run: ReconciliationRun) -> bool:
    """Compare a day when a statement tells of it, or when nothing was paid of which one could; a day that was compared
    before, whenever there is news. Answers whether it was.
    """
    if await uow.reconciliations.is_being_booked(run.rail, run.day):
        return False
    if run.state is RunState.WAITING and not await uow.reconciliations.lines(run.rail, run.day):
        begins = datetime.combine(run.day, time(), UTC) - await market_offset(uow)
        if await uow.reconciliations.unconfirmed(run.rail, since=begins, until=begins + timedelta(days=1)):
            return False
    await reconcile(uow, rail=run.rail, day=run.day)
    return True


@dataclass(frozen=True, slots=True)
class _Found:
    kind: DiscrepancyKind
    line: LineSide | None
    payout: Unconfirmed | None

    @classmethod
    def there(cls, payout: Unconfirmed) -> _Found:
        return cls(DiscrepancyKind.MISSING_THERE, None, payout)

    @property
    def key(self) -> Hashable:
        """What makes it the same difference as one that was found before."""
        if self.line is not None:
            return self.kind, self.line.said.kind, self.line.said.reference, self.line.said.number
        assert self.payout is not None, "a difference has a side"
        return self.kind, None, self.payout.reference, self.payout.number


def _told_otherwise(lines: list[LineSide]) -> Iterator[_Found]:
    for line in lines:
        if (kind := _kind_of(line)) is not None:
            yield _Found(kind, line, None)


def _kind_of(line: LineSide) -> DiscrepancyKind | None:
    payout, said = line.payout, line.said
    if payout is None:
        return DiscrepancyKind.MISSING_HERE
    if payout.amount != said.amount:
        return DiscrepancyKind.WRONG_AMOUNT
    is_booked = payout.state in _BOOKED_AS[said.kind]
    if said.kind is LineKind.PAID and payout.number == said.number:
        # What left and came back later did leave. What finance alone brought back, its owner has twice.
        is_booked = is_booked or (payout.state is PayoutState.RETURNED and payout.has_come_back)
    elif said.kind is LineKind.PAID:
        is_booked = False
    return None if is_booked else DiscrepancyKind.MISSING_HERE


async def _keep(uow: UnitOfWork, run: ReconciliationRun, found: list[_Found]) -> None:
    known = {_key_of(each): each for each in await uow.reconciliations.discrepancies(run.id)}
    wanted = {each.key: each for each in found}
    for key, discrepancy in known.items():
        if key not in wanted and discrepancy.state is DiscrepancyState.OPEN:
            discrepancy.clear()
        elif key in wanted and discrepancy.state is DiscrepancyState.CLEARED:
            discrepancy.reopen()
    for key, each in wanted.items():
        if key not in known:
            await uow.reconciliations.add(_discrepancy(run, each))


def _key_of(discrepancy: Discrepancy) -> Hashable:
    return discrepancy.kind, discrepancy.line_kind, discrepancy.reference, discrepancy.number


def _discrepancy(run: ReconciliationRun, found: _Found) -> Discrepancy:
    line, payout = found.line, found.payout
    if line is not None:
        return Discrepancy(
            id=DiscrepancyId(new_id()),
            run_id=run.id,
            kind=found.kind,
            line_id=line.line_id,
            line_kind=line.said.kind,
            payout_id=line.payout.payout_id if line.payout else None,
            reference=line.said.reference,
            number=line.said.number,
            there_minor=line.said.amount.minor,
            there_asset=line.said.amount.asset,
        )
    assert payout is not None, "a difference has a side"
    return Discrepancy(
        id=DiscrepancyId(new_id()),
        run_id=run.id,
        kind=found.kind,
        line_id=None,
        line_kind=None,
        payout_id=payout.payout_id,
        reference=payout.reference,
        number=payout.number,
        there_minor=None,
        there_asset=None,
    )
