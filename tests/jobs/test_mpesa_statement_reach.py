"""How far a statement's silence reaches: what it could not tell of is not given back because it is missing."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from domain.payouts.errors import StatementTooShort
from domain.payouts.reconciliation import DiscrepancyKind, DiscrepancyState
from domain.payouts.state import PayoutState
from jobs.reconcile_payouts import reconcile_payouts
from tests.jobs.test_mpesa_statements import SHILLINGS, bring_back, differences, paid, people, told, tomorrow
from tests.jobs.test_mpesa_statements import desk as desk  # noqa: PLC0414  # a fixture
from tests.makers.mpesa_payouts import RICH, WAGE, PayDesk
from tests.makers.mpesa_statements import changed, paid_row, row
from tests.makers.wallets import wallet

THERE = DiscrepancyKind.MISSING_THERE


def line_at(receipt: str, time: str, *, day: str = "20-11-2026") -> tuple[str, ...]:
    """Some payment of the market's, at this time in Nairobi."""
    return changed(paid_row(receipt, "50.00"), at=f"{day} {time}")


async def test_what_was_paid_after_an_export_is_not_brought_back_by_its_silence(desk: PayDesk) -> None:
    early, late = await people(desk, 2)
    desk.later(minutes=1)
    unseen, _ = await paid(desk, early)  # at 15:01 in Nairobi
    desk.later(minutes=2)
    after, receipt = await paid(desk, late)
    tomorrow(desk)
    await told(desk, line_at("TKK1", "15:00:00"), line_at("TKK2", "15:02:59"))
    await reconcile_payouts(desk.job_parts())
    found = {each.payout_id: each for each in await differences(desk) if each.kind is THERE}
    assert found.keys() == {unseen.id, after.id}
    trail = len(await desk.commands.trail())

    with pytest.raises(StatementTooShort):
        await bring_back(desk, found[after.id])

    assert len(await desk.commands.trail()) == trail
    assert (await desk.state(after), (await wallet(desk.commands, late)).balance) == (PayoutState.PAID, RICH - WAGE)
    await bring_back(desk, found[unseen.id])
    assert (await desk.state(unseen), (await wallet(desk.commands, early)).balance) == (PayoutState.RETURNED, RICH)
    whole = (line_at("TKK2", "15:02:59"), line_at("TKK3", "23:30:00"))
    await told(desk, *whole, changed(paid_row(receipt, SHILLINGS), at="20-11-2026 15:03:01"))
    await reconcile_payouts(desk.job_parts())
    assert [each.state for each in await differences(desk) if each.payout_id == after.id] == [DiscrepancyState.CLEARED]


async def test_statements_that_overlap_reach_as_far_as_one(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout, _ = await paid(desk, payee)
    tomorrow(desk)
    await told(desk, line_at("TKK1", "14:59:00"), line_at("TKK2", "14:59:30"))
    await told(desk, line_at("TKK3", "15:00:01"), line_at("TKK4", "16:00:00"))
    await reconcile_payouts(desk.job_parts())
    [found] = [each for each in await differences(desk) if each.kind is THERE]

    with pytest.raises(StatementTooShort):
        await bring_back(desk, found)
    await told(desk, line_at("TKK2", "14:59:30"), line_at("TKK3", "15:00:01"))
    await bring_back(desk, found)

    assert await desk.state(payout) is PayoutState.RETURNED


async def test_what_left_before_midnight_and_was_booked_after_it_is_not_brought_back_by_the_next_days_silence(
    desk: PayDesk,
) -> None:
    payee, day = await desk.payee(), date(2026, 11, 21)
    desk.desk.next(callbacks=0)
    payout = await desk.approved(payee)
    desk.commands.later(datetime(2026, 11, 20, 20, 59, 50, tzinfo=UTC) - desk.commands.now)
    await desk.send()
    desk.later(seconds=20)
    await desk.call_back(desk.payment)
    await desk.take_in()
    desk.later(days=1, hours=3)
    await told(desk, line_at("TKK1", "00:00:05", day="21-11-2026"), line_at("TKK2", "23:59:00", day="21-11-2026"))
    await reconcile_payouts(desk.job_parts())
    [found] = [each for each in await differences(desk, day) if each.kind is THERE]

    with pytest.raises(StatementTooShort):
        await bring_back(desk, found)

    assert (await desk.state(payout), (await wallet(desk.commands, payee)).balance) == (PayoutState.PAID, RICH - WAGE)


async def test_a_statement_of_what_came_back_alone_is_silent_about_nothing(desk: PayDesk) -> None:
    payee = await desk.payee()
    payout, _ = await paid(desk, payee)
    tomorrow(desk)
    backs = [
        row(f"TKK{hour}", details="Reversal", paid_in="50.00", reason="Reversal", at=f"20-11-2026 {hour}:00:00")
        for hour in (14, 18)
    ]
    await told(desk, *backs)
    await reconcile_payouts(desk.job_parts())
    [found] = [each for each in await differences(desk) if each.kind is THERE]

    with pytest.raises(StatementTooShort):
        await bring_back(desk, found)

    assert (await desk.state(payout), (await wallet(desk.commands, payee)).balance) == (PayoutState.PAID, RICH - WAGE)
