"""Workers, and codes of theirs."""

from __future__ import annotations

from domain.geo import Point
from domain.identity.actor import Actor
from domain.money import Money
from domain.tips.profile import make_tip_qr, register_worker
from domain.tips.tip_qr import TipQr
from domain.tips.worker import Worker
from tests.commands import Commands

NAIROBI = Point(-1_286_389, 36_817_223)


async def make_worker(commands: Commands, person: Actor, *, place: Point = NAIROBI, name: str = "Otieno") -> Worker:
    """Somebody who takes tips."""
    async with commands.by(person) as uow:
        return await register_worker(uow, name=name, trade="Waiter", place_name="Java House", place=place)


async def make_qr(commands: Commands, person: Actor, *, amount: Money | None = None, spot: str | None = None) -> TipQr:
    """A code of theirs."""
    async with commands.by(person) as uow:
        return await make_tip_qr(uow, amount=amount, spot=spot)
