"""Each day both sides of a rail are compared: what agrees is counted, what differs is shown and acted on once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from db.reads.reconciliation import discrepancies_of_run, run_page
from domain.errors import DomainError, GatewayFault, InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.page import PageRequest
from domain.payouts.errors import (
    ActionNotOpen,
    DiscrepancyAlreadyClosed,
    PayoutConfirmed,
    PayoutReceiptUsed,
    StatementBeingBooked,
)
from domain.payouts.outcome import Paid
from domain.payouts.payout import Payout
from domain.payouts.reconciliation import (
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyState,
    ReconciliationAction,
    ReconciliationRun,
    RunState,
)
from domain.payouts.reconciling import reconcile
from domain.payouts.resolving import resolve_discrepancy
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import LineKind, LineState, SaidLine
from jobs.book_statements import book_statements
from jobs.parts import Parts
from jobs.reconcile_payouts import reconcile_payouts
from tests.commands import Commands
from tests.jobs.test_book_statements import BANK, RICH, WAGE, ends, line, sent, stored, submit
from tests.makers.conversion import observe
from tests.makers.payouts import make_payee
from tests.makers.people import make_person
from tests.makers.statements import DAY, csv_of
from tests.makers.wallets import kes, verified, wallet

TODAY = date.fromisoformat(DAY)
HERE, THERE, AMOUNT = DiscrepancyKind.MISSING_HERE, DiscrepancyKind.MISSING_THERE, DiscrepancyKind.WRONG_AMOUNT
SETTLE, FAIL, RETURN, NOTE = ReconciliationAction


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    return await make_person(commands, Role.FINANCE)


@pytest.fixture
async def amina(commands: Commands) -> Actor:
    return await make_payee(commands, RICH)


async def runs(commands: Commands) -> list[ReconciliationRun]:
    async with commands.database.read() as connection:
        return list((await run_page(connection, page=PageRequest(first=50))).items)


async def differences(commands: Commands, run: ReconciliationRun) -> list[Discrepancy]:
    async with commands.database.read() as connection:
        return list((await discrepancies_of_run(connection, run.id, page=PageRequest(first=50))).items)


async def paid_by_hand(commands: Commands, clerk: Actor, payout: Payout, number: str) -> None:
    async with commands.by(clerk) as uow:
        await settle_payout(uow, payout_id=payout.id, outcome=Paid(number), reason="The bank says so")


def until_the_next_night(commands: Commands) -> None:
    """Two o'clock in East Africa, which is 23:00 UTC."""
    commands.later(datetime(2026, 11, 20, 23, 0, tzinfo=UTC) - commands.now)


async def compared(commands: Commands) -> ReconciliationRun:
    async with commands.by_system() as uow:
        return await reconcile(uow, rail=BANK, day=TODAY)


async def act(commands: Commands, clerk: Actor, found: Discrepancy, action: ReconciliationAction) -> Discrepancy:
    async with commands.by(clerk) as uow:
        return await resolve_discrepancy(uow, discrepancy_id=found.id, action=action, reason="The bank confirmed it")


async def test_a_run_begins_at_two_of_the_markets_own_day_and_once(
    commands: Commands, parts: Parts, clerk: Actor
) -> None:
    commands.later(datetime(2026, 11, 20, 22, 59, tzinfo=UTC) - commands.now)
    await reconcile_payouts(parts)
    before = [run.day for run in await runs(commands)]
    commands.later(timedelta(minutes=1))
    await asyncio.gather(*(reconcile_payouts(parts) for _ in range(3)), return_exceptions=True)
    await reconcile_payouts(parts)

    assert (before, [run.day for run in await runs(commands)]) == ([date(2026, 11, 19)], [TODAY, date(2026, 11, 19)])
    commands.later(timedelta(days=3))
    await reconcile_payouts(parts)
    assert [run.day.day for run in await runs(commands)] == [23, 22, 21, 20, 19]
    assert {run.state for run in await runs(commands)} == {RunState.DONE}


async def test_days_that_nobody_began_are_begun_though_a_later_one_was_compared_by_hand(
    commands: Commands, parts: Parts, clerk: Actor
) -> None:
    until_the_next_night(commands)
    await reconcile_payouts(parts)
    commands.later(timedelta(days=4))
    async with commands.by(clerk) as uow:
        await reconcile(uow, rail=BANK, day=date(2026, 11, 24))

    await reconcile_payouts(parts)

    assert [run.day.day for run in await runs(commands)] == [24, 23, 22, 21, 20]


async def test_days_whose_statement_never_comes_keep_no_other_from_its_turn(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.reconcile_payouts.BATCH", 1)
    untold = await sent(commands, gateways, clerk, amina)
    await paid_by_hand(commands, clerk, untold, "FT77")
    until_the_next_night(commands)
    await reconcile_payouts(parts)
    commands.later(timedelta(days=1))

    await reconcile_payouts(parts)

    assert {run.day.day: run.state for run in await runs(commands)} == {20: RunState.WAITING, 21: RunState.DONE}


async def test_both_sides_are_compared_and_each_difference_is_kept_once(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    agreed, wrong, unseen = [await sent(commands, gateways, clerk, amina) for _ in range(3)]
    await paid_by_hand(commands, clerk, unseen, "FT77")
    table = csv_of(
        line(agreed, "FT1"),
        line(wrong, "FT2", amount="99.00"),
        ("", "FEE1", "2.50", "KES", DAY, "PAID", ""),
    )
    await submit(commands, clerk, table)
    await submit(commands, clerk, table + "\r\n")  # other bytes that say the same
    until_the_next_night(commands)

    await reconcile_payouts(parts)
    assert [run.state for run in await runs(commands)] == [RunState.WAITING]
    await book_statements(parts)
    for _ in range(2):
        await reconcile_payouts(parts)
        await compared(commands)

    [run] = await runs(commands)
    counts = (run.matched_count, run.missing_here_count, run.missing_there_count, run.wrong_amount_count)
    assert (run.state, counts) == (RunState.DONE, (1, 1, 1, 1))
    found = {each.kind: each for each in await differences(commands, run)}
    assert len(await differences(commands, run)) == 3
    assert {kind: (each.payout_id, each.number, each.there, each.actions) for kind, each in found.items()} == {
        HERE: (None, "FEE1", kes(250), (NOTE,)),
        AMOUNT: (wrong.id, "FT2", kes(9_900), (SETTLE, NOTE)),
        THERE: (unseen.id, "FT77", None, (RETURN, NOTE)),
    }
    assert (await verified(commands)).is_sound


async def test_what_finance_does_is_done_once_and_stays(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    wrong, unseen = [await sent(commands, gateways, clerk, amina) for _ in range(2)]
    await paid_by_hand(commands, clerk, unseen, "FT77")
    fee = ("", "FEE1", "2.50", "KES", DAY, "PAID", "")
    await submit(commands, clerk, csv_of(line(wrong, "FT2", amount="99.00"), fee))
    await book_statements(parts)
    until_the_next_night(commands)
    found = {each.kind: each for each in await differences(commands, await compared(commands))}

    several = await asyncio.gather(
        *(act(commands, clerk, found[kind], action) for kind, action in ((AMOUNT, SETTLE), (THERE, RETURN)) * 3),
        return_exceptions=True,
    )
    noted = await act(commands, clerk, found[HERE], NOTE)

    assert sum(isinstance(end, Discrepancy) for end in several) == 2
    assert all(isinstance(end, Discrepancy | DiscrepancyAlreadyClosed) for end in several), several
    assert (noted.state, noted.action, noted.resolved_by) == (DiscrepancyState.RESOLVED, NOTE, clerk.user_id)
    settled, back = [await stored(commands, payout) for payout in (wrong, unseen)]
    assert (settled.state, settled.receipt_number) == (PayoutState.PAID, "FT2")
    assert (back.state, back.failure) == (PayoutState.RETURNED, "The bank confirmed it")
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - WAGE, kes(0))
    told = [event.body["state"] for event in await commands.events("payout.updated")]
    assert (told.count("RETURNED"), told.count("PAID")) == (1, 2)
    await compared(commands)
    states = [each.state for each in await differences(commands, (await runs(commands))[0])]
    assert states == [DiscrepancyState.RESOLVED] * 3
    assert (await verified(commands)).is_sound


async def test_what_does_not_help_moves_nothing(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    first, doubled, unseen, back = [await sent(commands, gateways, clerk, amina) for _ in range(3)] + [
        await sent(commands, gateways, clerk, await make_payee(commands, RICH))
    ]
    await paid_by_hand(commands, clerk, unseen, "FT77")
    await submit(
        commands,
        clerk,
        csv_of(line(first, "FT1"), line(doubled, "FT1X"), line(back, "FT5"), line(back, "FT6", status="RETURNED")),
    )
    await book_statements(parts)
    other = await make_person(commands, Role.FINANCE)
    until_the_next_night(commands)
    found = {(each.kind, each.payout_id): each for each in await differences(commands, await compared(commands))}
    missing, returned = found[THERE, unseen.id], found[HERE, back.id]
    assert returned.line_kind is LineKind.RETURNED

    async def refused(who: Actor, each: Discrepancy, action: ReconciliationAction, why: type[DomainError]) -> None:
        with pytest.raises(why):
            await act(commands, who, each, action)

    trail = len(await commands.trail())
    await refused(other, missing, SETTLE, ActionNotOpen)
    await refused(other, returned, SETTLE, ActionNotOpen)
    await refused(amina, missing, RETURN, OwnAccount)
    with pytest.raises(InvalidInput):
        async with commands.by(other) as uow:
            await resolve_discrepancy(uow, discrepancy_id=missing.id, action=RETURN, reason=" ")
    assert len(await commands.trail()) == trail
    await submit(commands, clerk, csv_of((unseen.label, "FT77", "100.00", "KES", "2026-11-21", "PAID", "")))
    await refused(other, missing, RETURN, PayoutConfirmed)
    assert (await wallet(commands, amina)).balance == RICH - WAGE - WAGE - WAGE
    await book_statements(parts)
    await compared(commands)
    cleared = {each.id: each.state for each in await differences(commands, (await runs(commands))[0])}
    assert cleared[missing.id] is DiscrepancyState.CLEARED
    await refused(other, missing, NOTE, DiscrepancyAlreadyClosed)
    done = await act(commands, other, returned, RETURN)
    assert (done.state, (await stored(commands, back)).state) == (DiscrepancyState.RESOLVED, PayoutState.RETURNED)
    assert (await verified(commands)).is_sound


async def test_what_finance_brought_back_and_left_nevertheless_is_shown_until_it_comes_back(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    unseen, refused = [await sent(commands, gateways, clerk, amina) for _ in range(2)]
    for payout, number in ((unseen, "FT77"), (refused, "FT78")):
        await paid_by_hand(commands, clerk, payout, number)
    until_the_next_night(commands)
    for missing in await differences(commands, await compared(commands)):
        await act(commands, clerk, missing, RETURN)
    before = await wallet(commands, amina)

    late = await submit(commands, clerk, csv_of(line(unseen, "FT77"), line(refused, "FT78", status="REFUSED")))
    await book_statements(parts)
    run = await compared(commands)
    [shown] = [each for each in await differences(commands, run) if each.state is DiscrepancyState.OPEN]
    back = await submit(commands, clerk, csv_of(line(unseen, "FT79", status="RETURNED")))
    await book_statements(parts)
    after = await compared(commands)

    assert before == await wallet(commands, amina)
    assert await ends(commands, late) == [LineState.CONTRADICTION, LineState.KNOWN]
    assert (shown.kind, shown.line_kind, shown.payout_id) == (HERE, LineKind.PAID, unseen.id)
    assert await ends(commands, back) == [LineState.KNOWN]
    assert (after.matched_count, after.missing_here_count, after.missing_there_count) == (3, 0, 0)
    assert (await verified(commands)).is_sound


async def test_a_number_that_settled_another_payout_is_not_settled_by_an_action(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, amina: Actor
) -> None:
    first, doubled = [await sent(commands, gateways, clerk, amina) for _ in range(2)]
    await paid_by_hand(commands, clerk, first, "FT1")
    await submit(commands, clerk, csv_of(line(doubled, "FT1")))
    until_the_next_night(commands)

    with pytest.raises(StatementBeingBooked):
        await compared(commands)
    await book_statements(parts)
    found = {each.payout_id: each for each in await differences(commands, await compared(commands))}
    assert (found[doubled.id].kind, found[first.id].kind) == (HERE, THERE)
    with pytest.raises(PayoutReceiptUsed):
        await act(commands, clerk, found[doubled.id], SETTLE)

    assert (await stored(commands, doubled)).state is PayoutState.SENDING
    assert (await wallet(commands, amina)).held == WAGE
    with pytest.raises(InvalidInput):
        async with commands.by_system() as uow:
            await reconcile(uow, rail=BANK, day=date(2026, 11, 21))


@dataclass
class Told:
    """A rail that tells of a day when it knows."""

    answers: list[list[SaidLine] | None | Exception]
    asked: list[date] = field(default_factory=list)

    async def lines_of(self, day: date) -> list[SaidLine] | None:
        self.asked.append(day)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


async def test_a_rail_that_can_be_asked_is_asked_until_it_knows(commands: Commands, parts: Parts, clerk: Actor) -> None:
    said: Any = SaidLine(
        kind=LineKind.PAID, reference="pyo_none", number="S1", amount=kes(100), booked_on=TODAY, words=""
    )
    source = Told([GatewayFault("rail", "500", "down"), None, [said]])
    asking = replace(parts, statement_sources={PayoutRail.SANDBOX: source})
    until_the_next_night(commands)

    for _ in range(4):
        await reconcile_payouts(asking)
        await book_statements(parts)
        await reconcile_payouts(asking)

    [run] = [run for run in await runs(commands) if run.rail is PayoutRail.SANDBOX]
    assert (run.state, run.missing_here_count, set(source.asked)) == (RunState.DONE, 1, {TODAY})
