"""A worker who is tipped, somebody who tips, and the rail that tips leave by."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy import func, select

from db.reads.payouts import payouts_of
from db.reads.tip_payouts import collected_by_rule
from db.tables.tips import tips
from domain.identity.actor import Actor
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.posting import post
from domain.ledger.transfer import Move, Transfer
from domain.money import Asset, Money
from domain.page import PageRequest
from domain.payouts.payout import Payout
from domain.payouts.state import PayoutRail
from domain.tip_payouts.rule import TipPayoutWhen
from domain.tip_payouts.setting import set_tip_payout_rule
from domain.tips.giving import ByWorker, give_tip
from domain.tips.worker import Worker
from jobs.parts import Parts
from jobs.pay_out_tips import pay_out_collected_tips
from tests.makers.mpesa_payouts import PHONE, PayDesk
from tests.makers.payouts import make_payee
from tests.makers.tips import make_worker
from tests.makers.wallets import kes, make_holder, wallet


@dataclass
class Floor:
    """A worker, somebody who tips, and the rail."""

    desk: PayDesk
    otieno: Actor
    worker: Worker
    guest: Actor

    async def rule(self, when: TipPayoutWhen, amount: Money | None = None) -> None:
        """The worker sets it."""
        async with self.desk.commands.by(self.otieno) as uow:
            await set_tip_payout_rule(uow, self.desk.gateways, when=when, amount=amount)

    async def tip(self, minor: int) -> None:
        """The guest gives so many cents."""
        async with self.desk.commands.by(self.guest) as uow:
            to = ByWorker(self.worker.id)
            await give_tip(uow, self.desk.gateways, to=to, amount=kes(minor), note=None)

    async def tips_of_a_shilling(self, how_many: int) -> None:
        """The guest gives so many."""
        async with self.desk.commands.by(self.guest) as uow:
            for _ in range(how_many):
                await give_tip(uow, self.desk.gateways, to=ByWorker(self.worker.id), amount=kes(100), note=None)

    async def spend(self, amount: Money) -> None:
        """The worker has less."""
        move = Move(chart.user_wallet(self.otieno.user_id, Asset.KES), chart.adjustments(Asset.KES), amount)
        async with self.desk.commands.by_system() as uow:
            await post(uow, Transfer(f"spent {uow.now} {amount}", TransferCode.ADJUSTMENT, (move,)))

    @property
    def parts(self) -> Parts:
        """What jobs reach."""
        rails = {PayoutRail.MPESA: self.desk.adapter}
        return replace(self.desk.parts, sealer=self.desk.gateways.sealer, payout_senders=rails)

    async def run(self) -> None:
        """The job runs."""
        await pay_out_collected_tips(self.parts)

    async def payouts(self) -> list[Payout]:
        """Of the worker, the first one first."""
        async with self.desk.commands.database.read() as connection:
            page = await payouts_of(connection, self.otieno.user_id, page=PageRequest())
        return sorted(page.items, key=lambda payout: payout.id)

    async def amounts(self) -> list[int]:
        """What left, in cents."""
        return [payout.amount.minor for payout in await self.payouts()]

    async def collected(self) -> int:
        """What did not leave yet, as the worker reads it."""
        async with self.desk.commands.database.read() as connection:
            found = await collected_by_rule(connection, self.otieno.user_id)
        assert found is not None
        return found[1].minor

    async def staying(self) -> int:
        """How many tips name no payout."""
        counted = select(func.count()).where(tips.c.payout_id.is_(None))
        async with self.desk.commands.database.read() as connection:
            return (await connection.execute(counted)).scalar_one()

    async def balance(self) -> tuple[int, int]:
        """Of the worker: posted and held, in cents."""
        found = await wallet(self.desk.commands, self.otieno)
        return found.balance.minor, found.held.minor


async def open_floor(desk: PayDesk, *, phone: str = PHONE) -> Floor:
    """A worker with a phone and nothing in the wallet."""
    otieno = await make_payee(desk.commands)
    await desk.give_phone(otieno.user_id, phone)
    worker = await make_worker(desk.commands, otieno)
    return Floor(desk, otieno, worker, await make_holder(desk.commands, kes(500_000_000)))
