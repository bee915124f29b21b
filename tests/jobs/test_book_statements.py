"""What a bank says is booked once, and what contradicts our record moves nothing and is shown."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from db.reads.payout_statements import lines_of_statement
from db.reads.payouts import payout_by_id
from db.tables.payout_statements import payout_statements
from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.page import PageRequest
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import KeptLine, LineState, PayoutStatement
from domain.payouts.statements import LINES_MAX, submit_statement
from domain.uploads import UploadPurpose, checked_upload
from integrations.bank_statements import BankStatementFormats
from jobs.book_statements import LEASE_SECONDS, book_statements
from jobs.parts import Parts
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import approve, export, make_payee, make_payout
from tests.makers.people import make_person
from tests.makers.statements import DAY, camt, csv_of, details, entry
from tests.makers.wallets import kes, verified, wallet

RICH, WAGE = kes(1_000_000), kes(10_000)
BANK = PayoutRail.BANK_TRANSFER


class Killed(BaseException):
    """The worker dies."""


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    return await make_person(commands, Role.FINANCE)


async def sent(commands: Commands, gateways: Gateways, clerk: Actor, owner: Actor) -> Payout:
    payout = await make_payout(commands, gateways, owner, WAGE, rail=BANK)
    await approve(commands, clerk, payout)
    await export(commands, gateways, clerk)
    return payout


def line(payout: Payout, number: str, *, status: str = "PAID", amount: str = "100.00") -> tuple[str, ...]:
    return (payout.label, number, amount, "KES", DAY, status, "no such account" if status != "PAID" else "")


async def submit(commands: Commands, clerk: Actor, text: str) -> PayoutStatement:
    content = text.encode()
    file = checked_upload(
        content,
        content_type="text/plain",
        purpose=UploadPurpose.PAYOUT_STATEMENT,
        owner_id=clerk.user_id,
        at=commands.now,
    )
    async with commands.by(clerk) as uow:
        return await submit_statement(uow, rail=BANK, said=BankStatementFormats().read(content), file=file)


async def lines(commands: Commands, statement: PayoutStatement) -> list[KeptLine]:
    async with commands.database.read() as connection:
        page = await lines_of_statement(connection, statement.id, page=PageRequest(first=50))
    return list(page.items)


async def ends(commands: Commands, statement: PayoutStatement) -> list[LineState]:
    return [line.state for line in await lines(commands, statement)]


async def stored(commands: Commands, payout: Payout) -> Payout:
    async with commands.database.read() as connection:
        found = await payout_by_id(connection, payout.id)
    assert found is not None
    return found


async def test_what_left_is_paid_and_what_was_refused_or_came_back_is_available_again(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor
) -> None:
    owners = [await make_payee(commands, RICH) for _ in range(3)]
    paid, refused, back = [await sent(commands, gateways, clerk, owner) for owner in owners]

    told = await submit(
        commands,
        clerk,
        csv_of(line(paid, "ft 1"), line(refused, "FT2", status="REFUSED"), line(back, "FT3", status="RETURNED")),
    )
    assert await ends(commands, told) == [LineState.WAITING] * 3
    await book_statements(parts)

    assert await ends(commands, told) == [LineState.SETTLED, LineState.FAILED, LineState.FAILED]
    assert [
        (one.state, one.receipt_number, one.failure)
        for one in [await stored(commands, p) for p in (paid, refused, back)]
    ] == [
        (PayoutState.PAID, "FT1", None),
        (PayoutState.FAILED, None, "no such account"),
        (PayoutState.FAILED, None, "no such account"),
    ]
    after = [await wallet(commands, owner) for owner in owners]
    assert [(one.balance, one.held) for one in after] == [(RICH - WAGE, kes(0)), (RICH, kes(0)), (RICH, kes(0))]
    assert (await verified(commands)).is_sound


async def test_the_same_file_is_the_same_statement_and_other_files_that_say_the_same_change_nothing(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)
    payout = await sent(commands, gateways, clerk, amina)
    text = csv_of(line(payout, "FT1"))

    several = await asyncio.gather(*(submit(commands, clerk, text) for _ in range(4)))
    other = await submit(commands, clerk, camt(entry("100.00", details(payout.label), number="FT1")))
    await asyncio.gather(*(book_statements(parts) for _ in range(3)))

    assert len({statement.id for statement in several}) == 1
    assert sorted([*await ends(commands, several[0]), *await ends(commands, other)]) == [
        LineState.KNOWN,
        LineState.SETTLED,
    ]
    after = await wallet(commands, amina)
    assert (after.balance, after.held) == (RICH - WAGE, kes(0))


async def test_what_does_not_fit_moves_nothing_and_says_why(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor
) -> None:
    amina, other = await make_payee(commands, RICH), await make_person(commands, Role.FINANCE)
    wrong, doubled, failed = [await sent(commands, gateways, clerk, amina) for _ in range(3)]
    brian = await make_payee(commands, RICH)
    first = await sent(commands, gateways, clerk, brian)
    unsent = await make_payout(commands, gateways, brian, WAGE, rail=BANK)
    for payout, outcome in ((first, Paid("FT1")), (failed, Failed("Said by telephone"))):
        async with commands.by(other) as uow:
            await settle_payout(uow, payout_id=payout.id, outcome=outcome, reason="The bank says so")

    told = await submit(
        commands,
        clerk,
        csv_of(
            line(wrong, "FT7", amount="100.01"),
            line(doubled, "FT1"),
            line(failed, "FT8"),
            line(first, "FT9"),
            line(first, "FT10", status="RETURNED"),
            line(unsent, "FT11"),
            ("", "FT12", "3.00", "KES", DAY, "PAID", ""),
            ("INVOICE 7", "FT13", "3.00", "KES", DAY, "PAID", ""),
        ),
    )
    before, events = await verified(commands), len(await commands.events())
    await book_statements(parts)

    assert await ends(commands, told) == [
        LineState.WRONG_AMOUNT,
        LineState.NUMBER_USED,
        LineState.CONTRADICTION,
        LineState.CONTRADICTION,
        LineState.CONTRADICTION,
        LineState.NOT_OURS,
        LineState.NOT_OURS,
        LineState.NOT_OURS,
    ]
    states = [(await stored(commands, one)).state for one in (wrong, doubled, failed, first, unsent)]
    sending = PayoutState.SENDING
    assert states == [sending, sending, PayoutState.FAILED, PayoutState.PAID, PayoutState.HELD]
    assert (await wallet(commands, amina)).held == kes(2 * 10_000)
    assert await verified(commands) == before
    # Finance is told of the one whose money was given back, and of nothing else.
    assert (await stored(commands, failed)).contradicted_by == "FT8"
    assert [event.subject for event in (await commands.events())[events:]] == [failed.label]


async def test_a_clerk_does_not_settle_a_payout_of_their_own_by_a_file(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)
    payout = await sent(commands, gateways, clerk, amina)

    own = await submit(commands, amina, csv_of(line(payout, "FT1")))
    await book_statements(parts)

    assert await ends(commands, own) == [LineState.OWN_ACCOUNT]
    assert (await stored(commands, payout)).state is PayoutState.SENDING
    told = await submit(commands, clerk, csv_of(line(payout, "FT1"), line(payout, "FT2", status="RETURNED")))
    await book_statements(parts)
    assert await ends(commands, told) == [LineState.SETTLED, LineState.CONTRADICTION]


@pytest.mark.parametrize("dies_at", range(2, 6))
async def test_a_worker_that_dies_between_lines_books_the_others_later_and_none_twice(
    commands: Commands, parts: Parts, gateways: Gateways, clerk: Actor, dies_at: int
) -> None:
    owners = [await make_payee(commands, RICH) for _ in range(4)]
    some = [await sent(commands, gateways, clerk, owner) for owner in owners]
    told = await submit(commands, clerk, csv_of(*(line(one, f"FT{place}") for place, one in enumerate(some))))
    opened = 0

    def unit_of_work(operation: str) -> Any:
        nonlocal opened
        opened += 1
        if opened == dies_at:
            raise Killed
        return commands.by_system(operation=operation)

    with pytest.raises(Killed):
        await book_statements(replace(parts, unit_of_work=unit_of_work))
    await book_statements(parts)
    assert (await ends(commands, told)).count(LineState.SETTLED) == dies_at - 2
    commands.later(timedelta(seconds=LEASE_SECONDS))
    await book_statements(parts)

    assert await ends(commands, told) == [LineState.SETTLED] * 4
    assert [(await wallet(commands, owner)).balance for owner in owners] == [RICH - WAGE] * 4
    assert (await verified(commands)).is_sound


async def test_a_statement_says_something_and_not_too_much(commands: Commands, clerk: Actor) -> None:
    many = csv_of(*(("", f"FT{place}", "1.00", "KES", DAY, "PAID", "") for place in range(LINES_MAX + 1)))

    for text in (csv_of(), many):
        with pytest.raises(InvalidInput):
            await submit(commands, clerk, text)

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(payout_statements)) == 0
