"""Those who need a wallet that somebody holds ride behind the others, once it is free."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import text

from db.convoys import MOST
from db.lanes import WIDTH
from domain.idempotency import Replayed
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.ledger.errors import InsufficientFunds
from domain.wallets.errors import RecipientCannotReceive
from tests.commands import Commands
from tests.db.riding import Payments, balances, counted, together
from tests.makers.wallets import kes, verified

SOON_SECONDS: Final = 2.0
LOCK: Final = "select 1 from ledger_accounts where path like :path for update"
WAITING: Final = "datname = current_database() and wait_event_type = 'Lock' and query like '%await_account%'"


@asynccontextmanager
async def held(commands: Commands, person: Actor) -> AsyncIterator[None]:
    """Somebody holds this person's wallets."""
    async with commands.database.transaction() as somebody:
        await somebody.execute(text(LOCK), {"path": f"user:{person.user_id}:%"})
        yield


async def somebody_waits(commands: Commands, *, then: str = "pid") -> None:
    """Wait for a convoy that waits for a wallet, and do this with its connection."""
    asked = text(f"select {then} from pg_stat_activity where {WAITING}")
    async with asyncio.timeout(SOON_SECONDS), commands.database.read() as connection:
        while not (await connection.execute(asked)).all():  # noqa: ASYNC110  # the server tells nobody
            await asyncio.sleep(0.005)


@asynccontextmanager
async def waiting_for(
    commands: Commands, person: Actor, *paying: Coroutine[None, None, str]
) -> AsyncIterator[list[asyncio.Task[str]]]:
    """Payments that wait for this person's wallets until the end of the block."""
    async with held(commands, person):
        waiting = [asyncio.create_task(each) for each in paying]
        await somebody_waits(commands)
        yield waiting


async def test_they_ride_together_once_it_is_free(commands: Commands, payments: Payments, people: list[Actor]) -> None:
    amina, brian, chebet, daudi = people
    async with held(commands, amina):
        waiting = [asyncio.create_task(payments.pay(who, amina.user_id, kes(5))) for who in (brian, chebet)]
        paid = await payments.pay(daudi, chebet.user_id, kes(1))
        await somebody_waits(commands)
    await asyncio.gather(*waiting)

    assert isinstance(paid, str)
    assert payments.rode == 3
    assert await counted(commands, "distinct xmin::text", "idempotency_keys") == 2
    assert await balances(commands, people) == [1_010, 995, 996, 999]
    assert (await verified(commands)).is_sound


async def test_however_many_need_it_few_connections_wait_for_it(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, *_ = people
    async with held(commands, amina):
        waiting = [
            asyncio.create_task(payments.pay(brian, amina.user_id, kes(1), f"k{number}"))
            for number in range((WIDTH + 1) * MOST)
        ]
        await somebody_waits(commands)
        counts = [await counted(commands, "*", f"pg_stat_activity where {WAITING}") for _ in range(50)]
    await asyncio.gather(*waiting)

    assert max(counts) <= WIDTH
    assert await balances(commands, [amina, brian]) == [1_000 + len(waiting), 1_000 - len(waiting)]


async def test_twins_wait_together_and_pay_once(commands: Commands, payments: Payments, people: list[Actor]) -> None:
    amina, brian, chebet, _ = people
    paying = (payments.pay(who, amina.user_id, kes(5)) for who in (brian, brian, chebet))
    async with waiting_for(commands, amina, *paying) as waiting:
        pass
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [str, Replayed, str]
    assert payments.rode == 2
    assert await balances(commands, people[:3]) == [1_010, 995, 995]


async def test_who_is_blocked_meanwhile_receives_nothing(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, _ = people
    paying = (payments.pay(who, amina.user_id, kes(5)) for who in (brian, chebet))
    async with waiting_for(commands, amina, *paying) as waiting, commands.by_system() as uow:
        await block_user(uow, user_id=amina.user_id, reason="She sells what is not hers.", until=None)
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [RecipientCannotReceive, RecipientCannotReceive]
    assert await balances(commands, people[:3]) == [1_000, 1_000, 1_000]
    assert await counted(commands, "*", "idempotency_keys") == 0


async def test_what_was_there_is_spent_once(commands: Commands, payments: Payments, people: list[Actor]) -> None:
    amina, brian, chebet, _ = people
    paying = (payments.pay(amina, who.user_id, kes(600), who.label) for who in (brian, chebet))
    async with waiting_for(commands, amina, *paying) as waiting:
        pass
    answers = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(answer) for answer in answers] == [str, InsufficientFunds]
    assert await balances(commands, people[:3]) == [400, 1_600, 1_000]


async def test_who_gives_up_while_all_wait_has_paid_nothing(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, _ = people
    paying = (payments.pay(who, amina.user_id, kes(5)) for who in (brian, chebet))
    async with waiting_for(commands, amina, *paying) as waiting:
        for each in waiting:
            each.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    assert await balances(commands, people[:3]) == [1_000, 1_000, 1_000]

    await together(*(payments.pay(who, amina.user_id, kes(5)) for who in (brian, chebet)))

    assert payments.rode == 2
    assert await balances(commands, people[:3]) == [1_010, 995, 995]


async def test_where_the_waiting_is_ended_each_waits_by_itself(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, _ = people
    async with held(commands, amina):
        waiting = [asyncio.create_task(payments.pay(who, amina.user_id, kes(5))) for who in (brian, chebet)]
        await somebody_waits(commands, then="pg_terminate_backend(pid, 5000)")
    await asyncio.gather(*waiting)

    assert payments.rode == 0
    assert await balances(commands, people[:3]) == [1_010, 995, 995]
    assert await counted(commands, "*", "idempotency_keys") == 2
