"""Payments that are given at one moment, and what became of them."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from db.convoy_riders import Carry
from db.convoys import Convoys
from db.unit_of_work import Command
from domain.idempotency import IdempotencyKey
from domain.identity.actor import Actor
from domain.ids import UserId
from domain.ledger.account import wallet_id_of
from domain.money import Money
from domain.unit_of_work import UnitOfWork
from domain.wallets.transferring import ToPerson, transfer_between_people
from tests.commands import Commands
from tests.makers.wallets import wallet


@dataclass
class Payments:
    """Payments as one process carries them out, and how many of them rode."""

    commands: Commands
    convoys: Convoys
    rode: int = 0

    async def pay(self, sender: Actor, recipient: UserId, amount: Money, key: str = "k1") -> str:
        """The reference of the transfer."""

        async def carry(uow: UnitOfWork) -> str:
            booking = await transfer_between_people(
                uow,
                from_wallet_id=wallet_id_of(sender.user_id, amount.asset),
                recipient=ToPerson(recipient),
                amount=amount,
                note=None,
                key=key,
            )
            uow.remember(booking.transfer.reference)
            return booking.transfer.reference

        return await self.carried(sender, carry, self.once(sender, key, amount))

    async def carried(self, actor: Actor, carry: Carry[str], once: IdempotencyKey) -> str:
        """The answer, by a convoy or by itself."""
        command = Command(actor=actor, operation="pay", request_id="req-1", now=self.commands.now, once=once)
        answer = await self.convoys.carry_out(command, carry)
        if answer is not None:
            self.rode += 1
            return answer
        async with self.commands.by(actor, operation="pay", once=once) as uow:
            return await carry(uow)

    def once(self, sender: Actor, key: str, amount: Money) -> IdempotencyKey:
        """The key of such a payment."""
        return IdempotencyKey.of(actor=sender.label, operation="pay", key=key, arguments=amount.amount)


async def together(*payments: Coroutine[Any, Any, str]) -> list[str | BaseException]:
    return await asyncio.gather(*payments, return_exceptions=True)


async def balances(commands: Commands, people: list[Actor]) -> list[int]:
    return [(await wallet(commands, person)).balance.minor for person in people]


async def counted(commands: Commands, what: str, table: str) -> int:
    async with commands.database.read() as connection:
        counted: int = (await connection.execute(text(f"select count({what}) from {table}"))).scalar_one()
        return counted
