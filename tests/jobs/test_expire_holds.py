"""The job gives back what is held for too long, however much it is."""

from __future__ import annotations

from datetime import timedelta

from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.holds import hold
from domain.money import Asset
from jobs.expire_holds import BATCH, expire_overdue_holds
from jobs.parts import Parts
from tests.commands import Commands
from tests.makers.wallets import kes, make_holder, verified, wallet


async def test_everything_overdue_is_given_back_and_a_second_run_finds_nothing(
    commands: Commands, parts: Parts
) -> None:
    amina = await make_holder(commands, kes(1_000))
    account = chart.user_wallet(amina.user_id, Asset.KES)
    async with commands.by_system() as uow:
        for number in range(BATCH + 2):
            await hold(
                uow,
                reference=f"payout:{number}:held",
                account=account,
                amount=kes(1),
                code=TransferCode.PERSON_TO_PERSON,
                expires_at=commands.now + timedelta(hours=1 if number else 2),
            )
    assert (await wallet(commands, amina)).held == kes(BATCH + 2)

    commands.later(timedelta(hours=1))
    await expire_overdue_holds(parts)
    told = len(await commands.events("wallet.hold"))
    await expire_overdue_holds(parts)

    assert (await wallet(commands, amina)).held == kes(1)
    assert told == 2 * (BATCH + 2) - 1
    assert len(await commands.events("wallet.hold")) == told
    assert (await verified(commands)).is_sound
