"""How well the market knows a person decides how much leaves in a day; nobody says it of themselves."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from db.reads.kyc import kyc_tier_of
from db.tables.kyc import kyc_standings
from domain.errors import InvalidInput
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.errors import OwnAccount, UserNotFound
from domain.identity.roles import Role
from domain.ids import UserId, new_id
from domain.kyc.setting_tier import set_kyc_tier
from domain.kyc.tier import KycStanding, KycTier
from domain.payouts.errors import PayoutLimitExceeded
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import TERMS, make_payee, make_payout
from tests.makers.people import make_person
from tests.makers.wallets import kes, usdt, wallet

RICH = kes(100_000_000)
TIERED = replace(
    TERMS,
    day_limit=usdt(10_000_000),
    tier_limits={KycTier.BASIC: usdt(20_000_000), KycTier.FULL: usdt(30_000_000)},
)
TEN_USDT = kes(129_250)


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    return await make_person(commands, Role.FINANCE)


async def say(commands: Commands, by: Actor, whom: UserId, tier: KycTier, reason: str = "Passport seen") -> KycStanding:
    async with commands.by(by) as uow:
        return await set_kyc_tier(uow, user_id=whom, tier=tier, reason=reason)


async def tier(commands: Commands, whom: Actor) -> KycTier:
    async with commands.database.read() as connection:
        return await kyc_tier_of(connection, whom.user_id)


async def test_who_is_known_better_is_let_out_more_and_is_told_what_is_left(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    commands.quotas = replace(commands.quotas, payout_requests_per_day=None)
    amina = await make_payee(commands, RICH)

    for times, (known, limit) in enumerate(((None, 10), (KycTier.BASIC, 20), (KycTier.FULL, 30)), start=1):
        if known:
            await say(commands, clerk, amina.user_id, known)
        await make_payout(commands, gateways, amina, TEN_USDT, terms=TIERED)
        with pytest.raises(PayoutLimitExceeded) as over:
            await make_payout(commands, gateways, amina, kes(100), terms=TIERED)
        assert (over.value.limit, over.value.left) == (usdt(limit * 1_000_000), usdt(0))
        assert (await wallet(commands, amina)).held == kes(times * TEN_USDT.minor)


async def test_a_tier_that_is_taken_back_lets_out_no_more(commands: Commands, gateways: Gateways, clerk: Actor) -> None:
    amina = await make_payee(commands, RICH)
    await say(commands, clerk, amina.user_id, KycTier.BASIC)
    await make_payout(commands, gateways, amina, kes(200_000), terms=TIERED)

    await say(commands, clerk, amina.user_id, KycTier.UNVERIFIED, "The passport was forged")
    with pytest.raises(PayoutLimitExceeded) as over:
        await make_payout(commands, gateways, amina, kes(100), terms=TIERED)

    assert (over.value.limit, over.value.left) == (usdt(10_000_000), usdt(0))
    assert (await wallet(commands, amina)).held == kes(200_000)


async def test_it_is_said_by_somebody_else_for_a_reason_and_audited(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)

    for by, whom, reason, refusal in (
        (clerk, clerk.user_id, "I know myself", OwnAccount),
        (clerk, UserId(new_id()), "Never came", UserNotFound),
        (clerk, amina.user_id, " ", InvalidInput),
    ):
        trail = len(await commands.trail())
        with pytest.raises(refusal):
            await say(commands, by, whom, KycTier.FULL, reason)
        assert len(await commands.trail()) == trail
    assert await tier(commands, amina) is KycTier.UNVERIFIED
    several = await asyncio.gather(*(say(commands, clerk, amina.user_id, KycTier.FULL) for _ in range(5)))

    assert {(each.tier, each.version) for each in several} == {(KycTier.FULL, 0)}
    assert (await commands.trail())[-1].reason == "Passport seen"
    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(kyc_standings)) == 1


async def test_the_table_takes_nobodys_word_about_themselves(commands: Commands, clerk: Actor) -> None:
    row = {
        "user_id": clerk.user_id,
        "tier": KycTier.FULL,
        "reason": "Me",
        "set_by": clerk.user_id,
        "set_at": commands.now,
        "version": 0,
    }
    with pytest.raises(IntegrityError):
        async with commands.database.transaction() as connection:
            await connection.execute(insert(kyc_standings), [row])
