"""Which days are compared again: those that wait, for a month, and those of which something new was told."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import timedelta

from sqlalchemy import insert

from db.tables.reconciliation import reconciliation_runs
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.ids import new_id
from domain.payouts.reconciliation import DiscrepancyState, ReconciliationRun, RunState
from domain.payouts.reconciling import CAUGHT_UP_DAYS, reconcile
from domain.unit_of_work import UnitOfWork
from jobs.book_statements import book_statements
from jobs.parts import Parts
from jobs.reconcile_payouts import reconcile_payouts
from tests.commands import Commands
from tests.jobs.test_book_statements import BANK, line, sent, submit
from tests.jobs.test_reconcile_payouts import TODAY, differences, paid_by_hand, runs, until_the_next_night
from tests.jobs.test_reconcile_payouts import amina as amina  # noqa: PLC0414  # a fixture
from tests.jobs.test_reconcile_payouts import clerk as clerk  # noqa: PLC0414  # a fixture
from tests.makers.statements import csv_of


@dataclass
class Opened:
    """How many commands a job opened."""

    parts: Parts
    count: int = 0

    def __call__(self, operation: str) -> AbstractAsyncContextManager[UnitOfWork]:
        self.count += 1
        return self.parts.unit_of_work(operation)


async def commands_of_a_run(parts: Parts) -> int:
    opened = Opened(parts)
    await reconcile_payouts(replace(parts, unit_of_work=opened))
    return opened.count


async def run_of(commands: Commands, day: int) -> ReconciliationRun:
    [run] = [run for run in await runs(commands) if run.day == TODAY - timedelta(days=day)]
    return run


async def test_days_that_are_done_are_not_looked_at_however_many_there_are(
    commands: Commands, parts: Parts, clerk: Actor
) -> None:
    until_the_next_night(commands)
    await reconcile_payouts(parts)
    before = await commands_of_a_run(parts)
    rows = [
        {
            "id": new_id(),
            "rail": BANK,
            "day": TODAY - timedelta(days=day),
            "state": RunState.DONE,
            "matched_count": 0,
            "missing_here_count": 0,
            "missing_there_count": 0,
            "wrong_amount_count": 0,
            "created_at": commands.now,
            "reconciled_at": commands.now,
            "has_news": False,
        }
        for day in range(1, 400)
    ]
    async with commands.database.transaction() as connection:
        await connection.execute(insert(reconciliation_runs), rows)

    assert await commands_of_a_run(parts) == before == 2


async def test_a_day_whose_statement_does_not_come_is_left_after_a_month_until_it_does(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    untold = await sent(commands, gateways, clerk, amina)
    await paid_by_hand(commands, clerk, untold, "FT1")
    until_the_next_night(commands)
    await reconcile_payouts(parts)
    young = await commands_of_a_run(parts)
    commands.later(timedelta(days=CAUGHT_UP_DAYS + 1))
    await reconcile_payouts(parts)
    old = await commands_of_a_run(parts)
    assert (await run_of(commands, 0)).state is RunState.WAITING

    await submit(commands, clerk, csv_of(line(untold, "FT1")))
    await book_statements(parts)
    await reconcile_payouts(parts)

    run = await run_of(commands, 0)
    assert (young, old) == (3, 2)
    assert (run.state, run.matched_count, run.has_news) == (RunState.DONE, 1, False)
    assert await commands_of_a_run(parts) == 2


async def test_a_statement_that_is_kept_while_its_day_is_compared_has_it_compared_again(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    payout = await sent(commands, gateways, clerk, amina)
    await paid_by_hand(commands, clerk, payout, "FT1")
    until_the_next_night(commands)

    async with commands.by_system() as uow:
        await reconcile(uow, rail=BANK, day=TODAY)
        keeping = asyncio.create_task(submit(commands, clerk, csv_of(line(payout, "FT1"))))
        await asyncio.sleep(0.05)
        assert not keeping.done()
    await keeping
    unseen = await run_of(commands, 0)
    await book_statements(parts)
    await reconcile_payouts(parts)

    seen = await run_of(commands, 0)
    assert (unseen.state, unseen.missing_there_count, unseen.has_news) == (RunState.DONE, 1, True)
    assert (seen.matched_count, seen.missing_there_count, seen.has_news) == (1, 0, False)


async def test_a_line_of_another_day_about_what_is_open_has_its_day_compared_again(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    missing, other = [await sent(commands, gateways, clerk, amina) for _ in range(2)]
    await paid_by_hand(commands, clerk, missing, "FT1")
    await paid_by_hand(commands, clerk, other, "FT2")
    until_the_next_night(commands)
    async with commands.by_system() as uow:
        await reconcile(uow, rail=BANK, day=TODAY)
    assert (await run_of(commands, 0)).missing_there_count == 2

    await submit(commands, clerk, csv_of((missing.label, "FT1", "100.00", "KES", "2026-11-19", "PAID", "")))
    await book_statements(parts)
    await reconcile_payouts(parts)

    run = await run_of(commands, 0)
    assert (run.state, run.missing_there_count, run.has_news) == (RunState.DONE, 1, False)
    found = {each.payout_id: each.state for each in await differences(commands, run)}
    assert found == {missing.id: DiscrepancyState.CLEARED, other.id: DiscrepancyState.OPEN}
