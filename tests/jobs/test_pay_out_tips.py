"""Tips leave by their worker's rule: collected, once, whoever dies, and never more than is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from db.reads.tip_payouts import collected_by_rule
from domain.errors import InvalidInput
from domain.identity.blocking import block_user
from domain.identity.roles import Role
from domain.identity.second_factor import SecondFactorNeeded
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset, Money
from domain.payouts.state import PayoutState
from domain.tip_payouts.rule import TipPayoutWhen
from domain.tip_payouts.setting import remove_tip_payout_rule, set_tip_payout_rule
from domain.tips.errors import WorkerNotFound
from domain.unit_of_work import UnitOfWork
from jobs.pay_out_tips import pay_out_collected_tips
from tests.makers.conversion import observe
from tests.makers.mpesa_payouts import PHONE, PayDesk
from tests.makers.payouts import make_payee, show_pin
from tests.makers.people import make_person
from tests.makers.tip_payouts import Floor, open_floor
from tests.makers.wallets import kes, verified

AT_ONCE, AT_AMOUNT, DAILY = TipPayoutWhen.AT_ONCE, TipPayoutWhen.AT_AMOUNT, TipPayoutWhen.DAILY


class PowerCut(BaseException):
    """Nothing more is done."""


@pytest.fixture
async def floor(desk: PayDesk) -> Floor:
    return await open_floor(desk)


async def test_small_tips_are_collected_until_a_phone_takes_them_and_reach_it(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    for minor in (300, 450):
        await floor.tip(minor)
        await floor.run()
    assert (await floor.amounts(), await floor.collected()) == ([], 750)

    await floor.tip(275)
    await floor.run()
    await floor.desk.send()
    await floor.desk.heard()

    (payout,) = await floor.payouts()
    assert (payout.amount, payout.state, payout.is_by_rule, payout.decided_by) == (
        kes(1_000),
        PayoutState.PAID,
        True,
        None,
    )
    assert floor.desk.payment.body["Amount"] == 10
    assert await floor.balance() == (25, 0)
    assert (await floor.collected(), await floor.staying()) == (25, 0)
    assert (await verified(floor.desk.commands)).is_sound


async def test_cents_are_carried_on_and_leave_with_the_next_ones(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    for minor in (1_050, 1_050):
        await floor.tip(minor)
        await floor.run()

    assert await floor.amounts() == [1_000, 1_100]
    assert await floor.collected() == 0


async def test_a_rule_with_an_amount_waits_for_it(floor: Floor) -> None:
    await floor.rule(AT_AMOUNT, kes(10_000))
    await floor.tip(9_900)
    await floor.run()
    assert await floor.amounts() == []

    await floor.tip(200)
    await floor.run()

    assert await floor.amounts() == [10_100]


async def test_a_thousand_small_tips_leave_before_their_amount_and_keep_nobody_waiting(floor: Floor) -> None:
    beside = await open_floor(floor.desk, phone="+254700000077")
    await floor.rule(AT_AMOUNT, kes(500_000))
    await floor.tips_of_a_shilling(1_000)
    floor.desk.later(seconds=1)
    await floor.tip(400_000)
    await beside.rule(AT_ONCE)
    await beside.tip(5_000)

    await floor.run()

    assert await beside.amounts() == [5_000]
    assert await floor.amounts() == [100_000]
    assert (await floor.collected(), await floor.balance()) == (400_000, (500_000, 100_000))
    assert (await verified(floor.desk.commands)).is_sound


async def test_a_daily_rule_pays_once_each_evening(floor: Floor) -> None:
    # Noon in UTC is three in the afternoon of the market, whose evening begins at five.
    await floor.rule(DAILY)
    await floor.tip(2_000)
    await floor.run()
    floor.desk.later(hours=4, minutes=59)
    await floor.run()
    assert await floor.amounts() == []
    floor.desk.later(minutes=1)
    await observe(floor.desk.commands)
    await floor.run()
    assert await floor.amounts() == [2_000]

    await floor.tip(3_000)
    floor.desk.later(hours=23)
    await floor.run()
    assert await floor.amounts() == [2_000]
    floor.desk.later(hours=1)
    await observe(floor.desk.commands)
    await floor.run()

    assert await floor.amounts() == [2_000, 3_000]


async def test_too_little_in_the_evening_waits_for_the_next_one(floor: Floor) -> None:
    await floor.rule(DAILY)
    await floor.tip(500)
    floor.desk.later(hours=5)
    await floor.run()

    await floor.tip(5_000)
    floor.desk.later(hours=1)
    await observe(floor.desk.commands)
    await floor.run()
    assert await floor.amounts() == []
    floor.desk.later(hours=23)
    await observe(floor.desk.commands)
    await floor.run()

    assert await floor.amounts() == [5_500]


async def test_however_many_workers_pay_each_tip_leaves_once(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    for _ in range(5):
        await floor.tip(1_000)

    await asyncio.gather(*(floor.run() for _ in range(6)))
    await asyncio.gather(*(floor.run() for _ in range(6)))

    assert sum(await floor.amounts()) == 5_000
    assert len(await floor.payouts()) == 1
    assert await floor.balance() == (5_000, 5_000)


async def test_a_tip_that_comes_while_others_leave_leaves_next(floor: Floor) -> None:
    await floor.rule(AT_ONCE)

    for _ in range(4):
        await asyncio.gather(floor.tip(1_000), floor.run(), floor.tip(1_000), floor.run())
    await floor.run()

    assert sum(await floor.amounts()) == 8_000
    assert (await floor.collected(), await floor.balance()) == (0, (8_000, 8_000))


async def test_a_worker_that_dies_before_the_commit_leaves_nothing_behind(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    await floor.tip(1_500)

    @asynccontextmanager
    async def dying(operation: str) -> AsyncIterator[UnitOfWork]:
        async with floor.parts.unit_of_work(operation) as uow:
            yield uow
            raise PowerCut

    with pytest.raises(PowerCut):
        await pay_out_collected_tips(replace(floor.parts, unit_of_work=dying))
    assert (await floor.amounts(), await floor.balance(), await floor.staying()) == ([], (1_500, 0), 1)
    await floor.run()
    await floor.run()

    assert await floor.amounts() == [1_500]


async def test_what_was_spent_does_not_leave_and_is_not_waited_for(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    await floor.tip(5_000)
    await floor.spend(kes(3_050))

    await floor.run()

    assert await floor.amounts() == [1_900]
    assert (await floor.collected(), await floor.balance()) == (50, (1_950, 1_900))


async def test_where_nearly_all_was_spent_other_money_of_theirs_stays(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    await floor.tip(5_000)
    await floor.spend(kes(4_500))
    await floor.run()
    assert (await floor.amounts(), await floor.collected()) == ([], 500)
    move = Move(chart.adjustments(Asset.KES), chart.user_wallet(floor.otieno.user_id, Asset.KES), kes(90_000))
    async with floor.desk.commands.by_system() as uow:
        await post(uow, Transfer("a gift", TransferCode.ADJUSTMENT, (move,)))

    await floor.run()
    assert await floor.amounts() == []
    floor.desk.later(seconds=1)
    await floor.tip(700)
    await floor.run()

    assert await floor.amounts() == [1_200]


async def test_what_failed_stays_in_the_wallet_and_is_not_sent_again(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    await floor.tip(2_000)
    floor.desk.desk.next(code="4")
    await floor.run()
    await floor.desk.send()
    await floor.desk.heard()

    for _ in range(3):
        await floor.run()

    assert [payout.state for payout in await floor.payouts()] == [PayoutState.FAILED]
    assert await floor.balance() == (2_000, 0)


async def test_a_large_sum_waits_for_finance_and_a_day_has_its_limit(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    await floor.tip(7_000_000)
    await floor.run()
    assert [(payout.state, payout.needs_two_persons) for payout in await floor.payouts()] == [(PayoutState.HELD, True)]

    await floor.tip(7_000_000)
    await floor.run()
    assert await floor.amounts() == [7_000_000]
    assert await floor.collected() == 7_000_000
    floor.desk.later(days=1, seconds=1)
    await observe(floor.desk.commands)
    await floor.run()

    assert await floor.amounts() == [7_000_000, 7_000_000]


async def test_rules_do_not_use_up_what_a_person_may_ask_for(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    for _ in range(5):
        await floor.tip(1_000)
        await floor.run()
    assert len(await floor.payouts()) == 5
    await floor.tip(3_000)
    await floor.desk.ask(floor.otieno, kes(1_000))

    assert len(await floor.payouts()) == 6


async def test_without_a_fresh_rate_nothing_leaves_until_there_is_one(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    floor.desk.later(hours=2)
    await floor.tip(2_000)
    await floor.run()
    await observe(floor.desk.commands)
    await floor.run()
    assert await floor.amounts() == []

    floor.desk.later(minutes=15)
    await observe(floor.desk.commands)
    await floor.run()

    assert await floor.amounts() == [2_000]


async def test_nothing_leaves_to_who_is_shut_out_or_lost_their_phone(floor: Floor) -> None:
    await floor.rule(AT_ONCE)
    await floor.tip(2_000)
    await floor.desk.give_phone(floor.otieno.user_id, None)
    await floor.run()
    assert await floor.amounts() == []
    await floor.desk.give_phone(floor.otieno.user_id, PHONE)
    admin = await make_person(floor.desk.commands, Role.ADMIN)
    async with floor.desk.commands.by(admin) as uow:
        await block_user(uow, user_id=floor.otieno.user_id, reason="Fraud", until=None)
    floor.desk.later(minutes=16)
    await observe(floor.desk.commands)

    await floor.run()

    assert (await floor.amounts(), await floor.balance()) == ([], (2_000, 0))


async def test_tips_from_before_the_rule_stay_and_a_removed_rule_ends(floor: Floor) -> None:
    await floor.tip(5_000)
    floor.desk.later(seconds=1)
    await floor.rule(AT_ONCE)
    await floor.run()
    assert await floor.amounts() == []

    for _ in range(2):
        async with floor.desk.commands.by(floor.otieno) as uow:
            await remove_tip_payout_rule(uow)
    await floor.tip(5_000)
    await floor.run()

    assert await floor.amounts() == []


async def test_a_changed_rule_keeps_what_was_collected(floor: Floor) -> None:
    await floor.rule(AT_AMOUNT, kes(10_000))
    await floor.tip(4_000)
    await floor.rule(AT_ONCE)
    await floor.run()

    assert await floor.amounts() == [4_000]


@pytest.mark.parametrize(
    ("when", "amount"),
    [
        (AT_ONCE, kes(2_000)),
        (DAILY, kes(2_000)),
        (AT_AMOUNT, None),
        (AT_AMOUNT, kes(900)),
        (AT_AMOUNT, kes(1_050)),
        (AT_AMOUNT, Money(2_000, Asset.USD)),
    ],
)
async def test_an_amount_that_no_phone_is_paid_is_no_rule(
    floor: Floor, when: TipPayoutWhen, amount: Money | None
) -> None:
    with pytest.raises(InvalidInput):
        await floor.rule(when, amount)

    async with floor.desk.commands.database.read() as connection:
        assert await collected_by_rule(connection, floor.otieno.user_id) is None


async def test_who_sets_a_rule_is_a_worker_with_a_phone_who_showed_their_pin(floor: Floor) -> None:
    stranger = await make_payee(floor.desk.commands)
    async with floor.desk.commands.by(stranger) as uow:
        with pytest.raises(WorkerNotFound):
            await set_tip_payout_rule(uow, floor.desk.gateways, when=AT_ONCE, amount=None)
    await floor.desk.give_phone(floor.otieno.user_id, None)
    with pytest.raises(InvalidInput):
        await floor.rule(AT_ONCE)
    await floor.desk.give_phone(floor.otieno.user_id, PHONE)
    floor.desk.later(minutes=6)
    with pytest.raises(SecondFactorNeeded):
        await floor.rule(AT_ONCE)
    await show_pin(floor.desk.commands, floor.otieno)

    await floor.rule(AT_ONCE)

    assert await floor.collected() == 0
