"""Payouts by a rail that pays by itself: sent once, whatever dies, and asked about until their end is known."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from db.reads.payouts import payout_by_id
from domain.errors import GatewayFault
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.blocking import block_user, unblock_user
from domain.identity.roles import Role
from domain.payouts.errors import PayoutStillSending
from domain.payouts.outcome import Failed, Outcome, Paid, Unknown
from domain.payouts.payout import Payout
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutRail, PayoutState
from integrations.sandbox.payouts import SandboxPayouts
from jobs.end_payouts import end_payouts_of_the_blocked
from jobs.parts import Parts
from jobs.send_payouts import ask_payouts, send_payouts
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import approve, make_payee, make_payout
from tests.makers.people import make_person
from tests.makers.wallets import kes, verified, wallet

RICH, WAGE = kes(1_000_000), kes(129_250)


class Killed(BaseException):
    """The worker dies."""


@dataclass
class Rail:
    """A rail that pays once for a name, and answers as a test says."""

    sending: Outcome | BaseException = field(default_factory=lambda: Paid("R1"))
    asking: Outcome | BaseException = field(default_factory=lambda: Paid("R1"))
    sent: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    async def send(self, payout: Payout, *, destination: str) -> Outcome:
        self.sent.append(str(payout.sent_as))
        return _said(self.sending)

    async def ask(self, payout: Payout, *, destination: str) -> Outcome:
        self.asked.append(str(payout.sent_as))
        return _said(self.asking)


def _said(told: Outcome | BaseException) -> Outcome:
    if isinstance(told, BaseException):
        raise told
    return told


async def approved(commands: Commands, gateways: Gateways, *, destination: str = "Equity 0100") -> tuple[Actor, Payout]:
    await observe(commands)
    amina, clerk = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    payout = await make_payout(commands, gateways, amina, WAGE, destination=destination)
    return amina, await approve(commands, clerk, payout)


async def state(commands: Commands, payout: Payout) -> PayoutState:
    async with commands.database.read() as connection:
        found = await payout_by_id(connection, payout.id)
    assert found is not None
    return found.state


def by(parts: Parts, gateways: Gateways, rail: Rail | SandboxPayouts) -> Parts:
    return replace(parts, sealer=gateways.sealer, payout_senders={PayoutRail.SANDBOX: rail})


@pytest.mark.parametrize(
    ("destination", "first", "second"),
    [
        ("Equity 0100", PayoutState.PAID, PayoutState.PAID),
        ("refuse me", PayoutState.FAILED, PayoutState.FAILED),
        ("lost on the way", PayoutState.UNKNOWN, PayoutState.PAID),
        ("lost and refuse", PayoutState.UNKNOWN, PayoutState.FAILED),
    ],
)
async def test_the_sandbox_ends_as_its_destination_says(
    commands: Commands, parts: Parts, gateways: Gateways, destination: str, first: PayoutState, second: PayoutState
) -> None:
    amina, payout = await approved(commands, gateways, destination=destination)
    sandbox = by(parts, gateways, SandboxPayouts())

    await send_payouts(sandbox)
    assert await state(commands, payout) is first
    commands.later(timedelta(minutes=2))
    await ask_payouts(sandbox)
    assert await state(commands, payout) is second

    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - WAGE if second is PayoutState.PAID else RICH, kes(0))
    assert (await verified(commands)).is_sound


@pytest.mark.parametrize("fault", [GatewayFault("rail", "500", "down"), Killed(), Unknown()])
async def test_one_that_was_not_answered_is_asked_about_and_never_sent_again(
    commands: Commands, parts: Parts, gateways: Gateways, fault: Outcome | BaseException
) -> None:
    amina, payout = await approved(commands, gateways)
    rail = Rail(sending=fault)

    if isinstance(fault, Killed):
        with pytest.raises(Killed):
            await send_payouts(by(parts, gateways, rail))
    else:
        await send_payouts(by(parts, gateways, rail))
    for _ in range(3):
        await send_payouts(by(parts, gateways, rail))
        await ask_payouts(by(parts, gateways, rail))
    assert (await wallet(commands, amina)).held == WAGE
    assert rail.asked == []
    commands.later(timedelta(minutes=2))
    for _ in range(3):
        await send_payouts(by(parts, gateways, rail))
        await ask_payouts(by(parts, gateways, rail))

    assert (rail.sent, rail.asked) == ([payout.label], [payout.label])
    assert await state(commands, payout) is PayoutState.PAID
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - WAGE, kes(0))


@pytest.mark.parametrize("answer", [Unknown(), GatewayFault("rail", None, "down")])
async def test_while_nobody_knows_it_stays_held_and_is_asked_each_two_minutes(
    commands: Commands, parts: Parts, gateways: Gateways, answer: Outcome | BaseException
) -> None:
    amina, payout = await approved(commands, gateways)
    rail = Rail(sending=Unknown(), asking=answer)
    await send_payouts(by(parts, gateways, rail))

    for _ in range(10):
        commands.later(timedelta(minutes=1))
        await ask_payouts(by(parts, gateways, rail))

    assert (rail.sent, len(rail.asked)) == ([payout.label], 5)
    assert await state(commands, payout) is PayoutState.UNKNOWN
    assert (await wallet(commands, amina)).held == WAGE
    rail.asking = Failed("NEVER_RECEIVED")
    commands.later(timedelta(minutes=2))
    await ask_payouts(by(parts, gateways, rail))
    assert (await wallet(commands, amina)).held == kes(0)


async def test_a_worker_that_dies_before_it_says_so_sends_nothing_twice(
    commands: Commands, parts: Parts, gateways: Gateways
) -> None:
    amina, payout = await approved(commands, gateways)
    rail, opened = Rail(), 0

    def unit_of_work(operation: str) -> object:
        nonlocal opened
        opened += 1
        if opened == 2:  # paid by the rail, and not yet recorded here
            raise Killed
        return commands.by_system(operation=operation)

    with pytest.raises(Killed):
        await send_payouts(replace(by(parts, gateways, rail), unit_of_work=unit_of_work))  # type: ignore[arg-type]
    assert (await state(commands, payout), len(rail.sent)) == (PayoutState.SENDING, 1)
    commands.later(timedelta(minutes=2))
    await send_payouts(by(parts, gateways, rail))
    await ask_payouts(by(parts, gateways, rail))

    assert (rail.sent, rail.asked) == ([payout.label], [payout.label])
    assert (await wallet(commands, amina)).balance == RICH - WAGE


@pytest.mark.parametrize("fault", [Killed(), RuntimeError("a fault of ours")])
async def test_what_was_not_sent_yet_when_a_worker_died_is_sent_by_the_next(
    commands: Commands, parts: Parts, gateways: Gateways, fault: BaseException
) -> None:
    _, first = await approved(commands, gateways)
    _, second = await approved(commands, gateways)
    dying, living = Rail(sending=fault), Rail(asking=Failed("NEVER_RECEIVED"))

    with pytest.raises(type(fault)):
        await send_payouts(by(parts, gateways, dying))
    assert [await state(commands, payout) for payout in (first, second)] == [PayoutState.SENDING, PayoutState.APPROVED]
    commands.later(timedelta(minutes=2))
    await ask_payouts(by(parts, gateways, living))
    await send_payouts(by(parts, gateways, living))

    assert (dying.sent, living.asked, living.sent) == ([first.label], [first.label], [second.label])
    assert [await state(commands, payout) for payout in (first, second)] == [PayoutState.FAILED, PayoutState.PAID]


async def test_one_that_cannot_be_asked_about_keeps_no_other_waiting(
    commands: Commands, parts: Parts, gateways: Gateways
) -> None:
    _, broken = await approved(commands, gateways)
    _, other = await approved(commands, gateways)
    await send_payouts(by(parts, gateways, Rail(sending=Unknown())))
    commands.later(timedelta(minutes=2))

    with pytest.raises(RuntimeError):
        await ask_payouts(by(parts, gateways, Rail(asking=RuntimeError("a fault of ours"))))
    await ask_payouts(by(parts, gateways, Rail()))

    assert {await state(commands, broken), await state(commands, other)} == {PayoutState.UNKNOWN, PayoutState.PAID}


async def test_nothing_is_sent_to_somebody_who_was_blocked_meanwhile(
    commands: Commands, parts: Parts, gateways: Gateways
) -> None:
    amina, payout = await approved(commands, gateways)
    async with commands.by_system() as uow:
        await block_user(uow, user_id=amina.user_id, reason="Fraud", until=None)
    rail = Rail()

    await send_payouts(by(parts, gateways, rail))
    assert (rail.sent, await state(commands, payout)) == ([], PayoutState.APPROVED)
    assert (await wallet(commands, amina)).held == WAGE
    async with commands.by_system() as uow:
        await unblock_user(uow, user_id=amina.user_id, reason="It was somebody else")
    await send_payouts(by(parts, gateways, rail))

    assert (rail.sent, await state(commands, payout)) == ([payout.label], PayoutState.PAID)


async def test_while_its_rail_is_asked_finance_does_not_say_what_became_of_it(
    commands: Commands, parts: Parts, gateways: Gateways
) -> None:
    amina, payout = await approved(commands, gateways)
    clerk = await make_person(commands, Role.FINANCE)

    async def settle() -> None:
        async with commands.by(clerk) as uow:
            await settle_payout(uow, payout_id=payout.id, outcome=Failed("No such account"), reason="They said so")

    class Meddled(Rail):
        async def send(self, payout: Payout, *, destination: str) -> Outcome:
            with pytest.raises(PayoutStillSending):
                await settle()
            return await super().send(payout, destination=destination)

    await send_payouts(by(parts, gateways, Meddled(sending=Unknown())))
    assert (await state(commands, payout), (await wallet(commands, amina)).held) == (PayoutState.UNKNOWN, WAGE)
    await settle()

    assert (await state(commands, payout), (await wallet(commands, amina)).held) == (PayoutState.FAILED, kes(0))


async def test_what_a_dead_worker_left_is_finances_to_settle_when_it_cannot_be_asked_about(
    commands: Commands, parts: Parts, gateways: Gateways
) -> None:
    amina, payout = await approved(commands, gateways)
    clerk = await make_person(commands, Role.FINANCE)
    with pytest.raises(Killed):
        await send_payouts(by(parts, gateways, Rail(sending=Killed())))

    commands.later(timedelta(minutes=2))
    async with commands.by(clerk) as uow:
        await settle_payout(uow, payout_id=payout.id, outcome=Paid("FT99"), reason="Its statement says so")

    assert (await wallet(commands, amina)).balance == RICH - WAGE


async def test_what_was_approved_for_somebody_shut_out_for_good_is_theirs_again(
    commands: Commands, parts: Parts, gateways: Gateways
) -> None:
    amina, payout = await approved(commands, gateways)
    beatrice, waiting = await approved(commands, gateways)
    admin = await make_person(commands, Role.ADMIN)
    async with commands.by(admin) as uow:
        await block_user(uow, user_id=amina.user_id, reason="Fraud", until=None)
    async with commands.by(admin) as uow:
        await block_user(uow, user_id=beatrice.user_id, reason="Asked", until=commands.now + timedelta(days=1))

    for _ in range(2):
        await end_payouts_of_the_blocked(parts)

    after, held = await wallet(commands, amina), await wallet(commands, beatrice)
    assert (await state(commands, payout), after.available, after.held) == (PayoutState.REJECTED, RICH, kes(0))
    assert (await state(commands, waiting), held.held) == (PayoutState.APPROVED, WAGE)
