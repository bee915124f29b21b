"""A payout that two persons let leave is brought back by somebody else, and a small one by anybody of finance."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest

from db.reads.payouts import payout_by_id
from db.reads.reconciliation import discrepancies_of_run
from domain.errors import DomainError
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount
from domain.identity.roles import Role
from domain.page import PageRequest
from domain.payouts.errors import UninvolvedPersonNeeded
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout
from domain.payouts.reconciliation import Discrepancy, DiscrepancyState, ReconciliationAction
from domain.payouts.reconciling import reconcile
from domain.payouts.resolving import resolve_discrepancy
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import LineState
from jobs.book_statements import book_statements
from jobs.parts import Parts
from tests.commands import Commands
from tests.jobs.conftest import parts as parts  # noqa: PLC0414  # a fixture
from tests.jobs.test_book_statements import ends, submit
from tests.jobs.test_reconcile_payouts import TODAY
from tests.makers.conversion import observe
from tests.makers.payouts import approve, export, make_payee, make_payout
from tests.makers.people import make_person
from tests.makers.statements import DAY, csv_of
from tests.makers.wallets import kes, verified, wallet

RICH, LARGE, SMALL = kes(20_000_000), kes(10_000_000), kes(10_000)
FAIL, RETURN = ReconciliationAction.FAIL, ReconciliationAction.RETURN


@dataclass
class Sent:
    """A payout in a bank file, and those who had a part in it: none else is refused."""

    commands: Commands
    payout: Payout
    owner: Actor
    first: Actor
    second: Actor
    exporter: Actor
    other: Actor

    async def state(self) -> PayoutState:
        async with self.commands.database.read() as connection:
            found = await payout_by_id(connection, self.payout.id)
        assert found is not None
        return found.state

    async def settle(self, who: Actor, outcome: Paid | Failed) -> None:
        async with self.commands.by(who) as uow:
            await settle_payout(uow, payout_id=self.payout.id, outcome=outcome, reason="The bank says so")

    async def act(self, who: Actor, found: Discrepancy, action: ReconciliationAction) -> None:
        async with self.commands.by(who) as uow:
            await resolve_discrepancy(uow, discrepancy_id=found.id, action=action, reason="The bank says so")

    async def difference(self) -> Discrepancy:
        """The only one of the day."""
        self.commands.later(datetime(2026, 11, 20, 23, 0, tzinfo=UTC) - self.commands.now)
        async with self.commands.by_system() as uow:
            run = await reconcile(uow, rail=PayoutRail.BANK_TRANSFER, day=TODAY)
        async with self.commands.database.read() as connection:
            [found] = (await discrepancies_of_run(connection, run.id, page=PageRequest(first=50))).items
        return found

    async def require_refused(self, does: Any, *others: tuple[Actor, type[DomainError]]) -> None:
        """None of those who had a part does it, and nothing comes of it."""
        before = await self.traces()
        involved = [(who, UninvolvedPersonNeeded) for who in (self.first, self.second, self.exporter)]
        for who, why in (*involved, *others):
            with pytest.raises(why):
                await does(who)
        assert await self.traces() == before

    async def traces(self) -> tuple[object, ...]:
        """What would tell that something was done."""
        account = await wallet(self.commands, self.owner)
        told = len(await self.commands.events("payout.updated"))
        return await self.state(), account.balance, account.held, told, len(await self.commands.trail())


async def make_sent(commands: Commands, gateways: Gateways, amount: Any = LARGE) -> Sent:
    await observe(commands)
    owner = await make_payee(commands, RICH)
    first, second, exporter, other = [await make_person(commands, Role.FINANCE) for _ in range(4)]
    payout = await make_payout(commands, gateways, owner, amount, rail=PayoutRail.BANK_TRANSFER)
    await approve(commands, first, payout)
    if payout.needs_two_persons:
        await approve(commands, second, payout)
    await export(commands, gateways, exporter)
    return Sent(commands, payout, owner, first, second, exporter, other)


def line(payout: Payout, status: str) -> str:
    return csv_of((payout.label, f"FT-{status}", payout.amount.amount, "KES", DAY, status, "no such account"))


async def test_who_let_a_large_one_leave_does_not_say_that_it_did_not(commands: Commands, gateways: Gateways) -> None:
    sent = await make_sent(commands, gateways)

    await sent.require_refused(lambda who: sent.settle(who, Failed("It came back")), (sent.owner, OwnAccount))
    several = await asyncio.gather(
        *(sent.settle(who, Failed("It came back")) for who in (sent.first, sent.other)), return_exceptions=True
    )

    assert [type(end) for end in several] == [UninvolvedPersonNeeded, type(None)]
    assert await sent.state() is PayoutState.FAILED
    account = await wallet(commands, sent.owner)
    assert (account.balance, account.held) == (RICH, kes(0))
    assert (await verified(commands)).is_sound


async def test_that_it_left_may_be_said_by_who_let_it(commands: Commands, gateways: Gateways) -> None:
    sent = await make_sent(commands, gateways)

    await sent.settle(sent.exporter, Paid("FT1"))

    assert await sent.state() is PayoutState.PAID


async def test_one_person_is_enough_for_a_small_one(commands: Commands, gateways: Gateways) -> None:
    sent = await make_sent(commands, gateways, SMALL)

    await sent.settle(sent.first, Failed("It came back"))

    assert await sent.state() is PayoutState.FAILED


async def test_a_large_one_that_was_told_both_ways_is_closed_by_somebody_else(
    commands: Commands, gateways: Gateways, parts: Parts
) -> None:
    sent = await make_sent(commands, gateways)
    await sent.settle(sent.other, Failed("It came back"))
    await submit(commands, sent.first, line(sent.payout, "PAID"))
    await book_statements(parts)

    await sent.require_refused(lambda who: sent.settle(who, Failed("It came back")), (sent.owner, OwnAccount))
    await sent.settle(sent.other, Failed("It came back, says their letter"))

    assert await sent.state() is PayoutState.FAILED


async def test_a_large_one_that_no_statement_tells_of_is_returned_by_somebody_else(
    commands: Commands, gateways: Gateways
) -> None:
    sent = await make_sent(commands, gateways)
    await sent.settle(sent.first, Paid("FT1"))
    found = await sent.difference()

    await sent.require_refused(lambda who: sent.act(who, found, RETURN), (sent.owner, OwnAccount))
    assert (await sent.difference()).state is DiscrepancyState.OPEN
    await sent.act(sent.other, found, RETURN)

    assert await sent.state() is PayoutState.RETURNED
    assert (await wallet(commands, sent.owner)).balance == RICH
    assert (await verified(commands)).is_sound


@pytest.mark.parametrize("status", ["REFUSED", "RETURNED"])
async def test_a_file_of_who_let_it_leave_fails_none_and_somebody_else_acts(
    commands: Commands, gateways: Gateways, parts: Parts, status: str
) -> None:
    sent = await make_sent(commands, gateways)
    before = await sent.traces()

    brought = [
        await submit(commands, who, line(sent.payout, status) + "\r\n" * place)
        for place, who in enumerate((sent.first, sent.second, sent.exporter))
    ]
    await book_statements(parts)

    assert [await ends(commands, statement) for statement in brought] == [[LineState.INVOLVED]] * 3
    assert (await sent.traces())[:4] == before[:4]
    found = await sent.difference()
    await sent.require_refused(lambda who: sent.act(who, found, FAIL), (sent.owner, OwnAccount))
    await sent.act(sent.other, found, FAIL)
    assert await sent.state() is PayoutState.FAILED
    assert (await wallet(commands, sent.owner)).balance == RICH


async def test_a_file_of_somebody_else_fails_it(commands: Commands, gateways: Gateways, parts: Parts) -> None:
    sent = await make_sent(commands, gateways)

    brought = await submit(commands, sent.other, line(sent.payout, "REFUSED"))
    await book_statements(parts)

    assert await ends(commands, brought) == [LineState.FAILED]
    assert await sent.state() is PayoutState.FAILED
