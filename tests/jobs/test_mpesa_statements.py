"""M-Pesa's statement beside what is booked: by its receipt numbers and by our own names, and never by a guess."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.reads.reconciliation import discrepancies_of_run, run_page
from db.tables.payout_statements import payout_statements
from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.page import PageRequest
from domain.payouts.errors import ActionNotOpen, NoStatement
from domain.payouts.outcome import Failed, Paid
from domain.payouts.payout import Payout
from domain.payouts.reconciliation import (
    Discrepancy,
    DiscrepancyKind,
    DiscrepancyState,
    ReconciliationAction,
    ReconciliationRun,
    RunState,
)
from domain.payouts.reconciling import compare_now
from domain.payouts.resolving import resolve_discrepancy
from domain.payouts.settling import settle_payout
from domain.payouts.state import PayoutRail, PayoutState
from domain.payouts.statement import LineKind, LineState, PayoutStatement
from domain.payouts.statements import submit_statement
from domain.uploads import UploadPurpose, checked_upload
from integrations.mpesa.statement import MpesaStatement
from integrations.sandbox.daraja_statement import statement_of
from jobs.book_statements import book_statements
from jobs.parts import Parts
from jobs.reconcile_payouts import reconcile_payouts
from tests.commands import Commands
from tests.jobs.test_book_statements import ends
from tests.makers.mpesa_payouts import RICH, WAGE, PayDesk, open_pay_desk
from tests.makers.mpesa_statements import changed, mpesa_csv, paid_row, row
from tests.makers.wallets import kes, verified, wallet

MPESA, TODAY = PayoutRail.MPESA, date(2026, 11, 20)
HERE, THERE, AMOUNT = DiscrepancyKind.MISSING_HERE, DiscrepancyKind.MISSING_THERE, DiscrepancyKind.WRONG_AMOUNT
SETTLE, FAIL, RETURN, NOTE = ReconciliationAction
SHILLINGS = "1,293.00"


@pytest.fixture
async def desk(commands: Commands, gateways: Gateways, parts: Parts, tmp_path: Path) -> AsyncIterator[PayDesk]:
    async with open_pay_desk(commands, gateways, parts, tmp_path) as pays:
        yield pays


async def bring(desk: PayDesk, text: str) -> PayoutStatement:
    content = text.encode()
    file = checked_upload(
        content,
        content_type="text/plain",
        purpose=UploadPurpose.PAYOUT_STATEMENT,
        owner_id=desk.clerk.user_id,
        at=desk.commands.now,
    )
    async with desk.commands.by(desk.clerk) as uow:
        return await submit_statement(uow, rail=MPESA, said=MpesaStatement().read(content), file=file)


async def told(desk: PayDesk, *rows: tuple[str, ...]) -> list[LineState]:
    statement = await bring(desk, mpesa_csv(*rows))
    await book_statements(desk.job_parts())
    return await ends(desk.commands, statement)


async def paid(desk: PayDesk, payee: Actor) -> tuple[Payout, str]:
    """A payout of which M-Pesa told by itself, and its receipt number."""
    payout = await desk.approved(payee)
    await desk.send()
    await desk.heard()
    receipt = (await desk.payout(payout)).receipt_number
    assert receipt is not None
    return payout, receipt


async def people(desk: PayDesk, count: int) -> list[Actor]:
    return [await desk.payee(phone=f"+25470837414{place}") for place in range(count)]


async def unheard(desk: PayDesk, payee: Actor) -> Payout:
    """A payout of which nobody ever hears."""
    desk.desk.next(callbacks=0, silent=True)
    payout = await desk.approved(payee)
    await desk.send()
    return payout


def tomorrow(desk: PayDesk) -> None:
    """Two o'clock in East Africa."""
    desk.commands.later(datetime(2026, 11, 20, 23, 0, tzinfo=UTC) - desk.commands.now)


async def run_of_the_day(desk: PayDesk, day: date = TODAY) -> ReconciliationRun:
    async with desk.commands.database.read() as connection:
        page = await run_page(connection, page=PageRequest(first=50))
    [run] = [run for run in page.items if (run.rail, run.day) == (MPESA, day)]
    return run


async def differences(desk: PayDesk, day: date = TODAY) -> list[Discrepancy]:
    run = await run_of_the_day(desk, day)
    async with desk.commands.database.read() as connection:
        return list((await discrepancies_of_run(connection, run.id, page=PageRequest(first=50))).items)


async def compared(desk: PayDesk) -> ReconciliationRun:
    async with desk.commands.by(desk.clerk) as uow:
        return await compare_now(uow, rail=MPESA, day=TODAY)


async def bring_back(desk: PayDesk, found: Discrepancy) -> None:
    async with desk.commands.by(desk.clerk) as uow:
        await resolve_discrepancy(uow, discrepancy_id=found.id, action=RETURN, reason="It is with us")


def counts(run: ReconciliationRun) -> tuple[int, int, int, int]:
    return run.matched_count, run.missing_here_count, run.missing_there_count, run.wrong_amount_count


async def test_what_the_portal_exports_agrees_with_what_was_booked(desk: PayDesk) -> None:
    payees = await people(desk, 3)
    for payee in payees[:2]:
        await paid(desk, payee)
    desk.desk.next(code="2040")
    await desk.approved(payees[2])
    await desk.send()
    await desk.heard()
    tomorrow(desk)
    text = statement_of(desk.desk.payments.values(), short_code="600000", at=desk.commands.now)
    await reconcile_payouts(desk.job_parts())
    assert (await run_of_the_day(desk)).state is RunState.WAITING

    first, again = await bring(desk, text), await bring(desk, text)
    await book_statements(desk.job_parts())
    await reconcile_payouts(desk.job_parts())

    assert first.id == again.id
    assert await ends(desk.commands, first) == [LineState.KNOWN] * 3
    run = await run_of_the_day(desk)
    assert (run.state, counts(run)) == (RunState.DONE, (3, 0, 0, 0))
    assert (await verified(desk.commands)).is_sound


async def test_a_receipt_number_says_which_payout_a_line_without_our_name_is_about(desk: PayDesk) -> None:
    payees = await people(desk, 4)
    (agreed, first), (wrong, second), (back, third), (unseen, _) = [await paid(desk, payee) for payee in payees]
    tomorrow(desk)

    states = await told(
        desk,
        paid_row(first, SHILLINGS),
        paid_row(second, "1,300.00"),
        paid_row(third, SHILLINGS),
        row("TKKBACK", details="Reversal", paid_in=SHILLINGS, reason="Reversal", linked=third),
        paid_row("TKKNOBODY", "70.00"),
    )
    await reconcile_payouts(desk.job_parts())

    assert states == [
        LineState.KNOWN,
        LineState.WRONG_AMOUNT,
        LineState.KNOWN,
        LineState.NOT_OURS,
        LineState.CONTRADICTION,
    ]
    assert counts(await run_of_the_day(desk)) == (2, 2, 1, 1)
    found = {(each.kind, each.payout_id): each for each in await differences(desk)}
    assert {key: (each.number, each.actions) for key, each in found.items()} == {
        (AMOUNT, wrong.id): (second, (SETTLE, NOTE)),
        (HERE, back.id): ("TKKBACK", (FAIL, RETURN, NOTE)),
        (HERE, None): ("TKKNOBODY", (NOTE,)),
        (THERE, unseen.id): ((await desk.payout(unseen)).receipt_number, (RETURN, NOTE)),
    }
    assert found[HERE, back.id].line_kind is LineKind.RETURNED
    await bring_back(desk, found[HERE, back.id])
    assert counts(await compared(desk)) == (3, 1, 1, 1)
    assert (await desk.state(back), await desk.state(agreed)) == (PayoutState.RETURNED, PayoutState.PAID)
    assert (await wallet(desk.commands, payees[2])).balance == RICH
    assert (await verified(desk.commands)).is_sound


async def test_our_name_in_the_statement_ends_what_nobody_heard_of(desk: PayDesk) -> None:
    payees = await people(desk, 3)
    left, failed, pending = [await unheard(desk, payee) for payee in payees]
    tomorrow(desk)
    unpaid = row("TKK2", details=f"Business Payment {failed.label}", withdrawn=f"-{SHILLINGS}", status="Failed")
    waits = row("TKK3", details=f"Business Payment {pending.label}", withdrawn=f"-{SHILLINGS}", status="Pending")

    states = await told(desk, paid_row("TKK1", SHILLINGS, name=left.label), unpaid, waits)
    await reconcile_payouts(desk.job_parts())

    assert states == [LineState.SETTLED, LineState.FAILED]
    assert [await desk.state(payout) for payout in (left, failed, pending)] == [
        PayoutState.PAID,
        PayoutState.FAILED,
        PayoutState.SENDING,
    ]
    after = [await wallet(desk.commands, payee) for payee in payees]
    assert [(one.balance, one.held) for one in after] == [(RICH - WAGE, kes(0)), (RICH, kes(0)), (RICH, WAGE)]
    assert (await desk.payout(failed)).failure == "Failed: M-Pesa did not pay it."
    assert counts(await run_of_the_day(desk)) == (2, 0, 0, 0)
    assert (await verified(desk.commands)).is_sound


async def test_what_left_and_came_back_in_one_export_is_booked_in_its_order(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await unheard(desk, payee)
    tomorrow(desk)
    back = row(
        "TKK2", details=f"Reversal of {payout.label}", paid_in=SHILLINGS, linked="TKK1", at="20-11-2026 18:00:00"
    )

    assert await told(desk, back, paid_row("TKK1", SHILLINGS, name=payout.label)) == [
        LineState.SETTLED,
        LineState.CONTRADICTION,
    ]
    await reconcile_payouts(desk.job_parts())

    assert (await desk.state(payout), (await desk.payout(payout)).contradicted_by) == (PayoutState.PAID, None)
    [found] = await differences(desk)
    assert (found.kind, found.line_kind, found.actions) == (HERE, LineKind.RETURNED, (FAIL, RETURN, NOTE))
    assert (await wallet(desk.commands, payee)).balance == RICH - WAGE


async def test_the_same_amount_to_the_same_phone_is_no_name_and_a_person_settles_it(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await unheard(desk, payee)
    tomorrow(desk)

    assert await told(desk, paid_row("TKK1", SHILLINGS)) == [LineState.NOT_OURS]
    await reconcile_payouts(desk.job_parts())

    await desk.require_held(payee, payout, PayoutState.SENDING)
    [missing] = await differences(desk)
    assert (missing.kind, missing.payout_id, missing.actions) == (HERE, None, (NOTE,))
    async with desk.commands.by(desk.clerk) as uow:
        await settle_payout(uow, payout_id=payout.id, outcome=Paid("tkk1"), reason="The phone and the hour are theirs")
    assert counts(await compared(desk)) == (1, 0, 0, 0)
    [cleared] = await differences(desk)
    assert cleared.state is DiscrepancyState.CLEARED
    assert (await wallet(desk.commands, payee)).balance == RICH - WAGE


async def test_what_was_given_back_and_left_nevertheless_is_told_both_ways(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout = await unheard(desk, payee)
    desk.later(minutes=3)
    async with desk.commands.by(desk.clerk) as uow:
        await settle_payout(uow, payout_id=payout.id, outcome=Failed("Nobody knows of it"), reason="They said so")
    tomorrow(desk)

    assert await told(desk, paid_row("TKK1", SHILLINGS, name=payout.label)) == [LineState.CONTRADICTION]
    await reconcile_payouts(desk.job_parts())

    assert (await desk.payout(payout)).contradicted_by == "TKK1"
    assert counts(await run_of_the_day(desk)) == (0, 1, 0, 0)
    assert (await wallet(desk.commands, payee)).balance == RICH


async def test_a_payment_that_one_export_names_and_another_does_not_is_one(desk: PayDesk) -> None:
    payees = await people(desk, 2)
    (agreed, first), (wrong, second) = [await paid(desk, payee) for payee in payees]
    tomorrow(desk)

    await told(desk, paid_row(first, SHILLINGS, name=agreed.label), paid_row(second, "1,300.00", name=wrong.label))
    await told(desk, paid_row(first, SHILLINGS), paid_row(second, "1,300.00"))
    await reconcile_payouts(desk.job_parts())

    assert counts(await run_of_the_day(desk)) == (1, 0, 0, 1)
    assert [each.payout_id for each in await differences(desk)] == [wrong.id]


async def test_what_came_back_in_part_is_not_given_back_whole(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout, receipt = await paid(desk, payee)
    tomorrow(desk)
    part = row("TKK1", details="Reversal", paid_in="50.00", reason="Reversal", linked=receipt)

    assert await told(desk, paid_row(receipt, SHILLINGS), part) == [LineState.KNOWN, LineState.WRONG_AMOUNT]
    await reconcile_payouts(desk.job_parts())

    [found] = await differences(desk)
    assert (found.kind, found.line_kind, found.actions) == (AMOUNT, LineKind.RETURNED, (NOTE,))
    with pytest.raises(ActionNotOpen):
        await bring_back(desk, found)
    assert (await desk.state(payout), (await wallet(desk.commands, payee)).balance) == (PayoutState.PAID, RICH - WAGE)


async def test_what_left_whole_and_came_back_in_part_is_not_known_to_have_come_back(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout, receipt = await paid(desk, payee)
    tomorrow(desk)
    part = row("TKK1", details="Reversal", paid_in="50.00", reason="Reversal", linked=receipt)
    before, after = paid_row("TKK0", "50.00"), paid_row("TKK2", "50.00")
    await told(desk, changed(before, at="20-11-2026 14:00:00"), part, changed(after, at="20-11-2026 18:00:00"))
    await reconcile_payouts(desk.job_parts())
    [missing] = [each for each in await differences(desk) if each.kind is THERE]
    await bring_back(desk, missing)

    assert await told(desk, paid_row(receipt, SHILLINGS)) == [LineState.CONTRADICTION]
    await reconcile_payouts(desk.job_parts())

    shown = [each for each in await differences(desk) if each.line_kind is LineKind.PAID and each.payout_id]
    assert [(each.kind, each.payout_id, each.state) for each in shown] == [(HERE, payout.id, DiscrepancyState.OPEN)]


async def test_the_number_of_another_payout_settles_nothing(desk: PayDesk) -> None:
    other, payee = await people(desk, 2)
    first, receipt = await paid(desk, other)
    payout = await unheard(desk, payee)
    tomorrow(desk)

    assert await told(desk, paid_row(receipt, SHILLINGS, name=payout.label)) == [LineState.NUMBER_USED]

    assert (await desk.state(payout), await desk.state(first)) == (PayoutState.SENDING, PayoutState.PAID)
    assert ((await wallet(desk.commands, payee)).held) == WAGE


async def test_a_day_that_is_not_over_is_not_told_of(desk: PayDesk) -> None:
    _, receipt = await paid(desk, await desk.payee())

    with pytest.raises(InvalidInput, match="not over"):
        await bring(desk, mpesa_csv(paid_row(receipt, SHILLINGS)))
    tomorrow(desk)
    with pytest.raises(NoStatement):
        await compared(desk)

    async with desk.commands.database.read() as connection:
        kept = (await connection.execute(select(func.count()).select_from(payout_statements))).scalar_one()
    assert kept == 0
