"""What goes wrong with one command of a convoy is that one's own; the others are carried out all the same."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Final

import pytest
from sqlalchemy import text

from db.convoys import Convoys
from db.engine import open_database
from db.mapping import map_everything
from domain.idempotency import Replayed
from domain.identity.actor import Actor
from domain.ids import UserId
from domain.ledger import chart
from domain.ledger.account import wallet_id_of
from domain.ledger.codes import TransferCode
from domain.ledger.errors import InsufficientFunds
from domain.ledger.holds import hold
from domain.money import Asset
from domain.unit_of_work import UnitOfWork
from domain.wallets.errors import RecipientNotFound
from domain.wallets.transferring import ToPerson, transfer_between_people
from tests.commands import NOON, Commands
from tests.db.riding import Payments, balances, counted, together
from tests.makers.wallets import kes, make_holder

SOON_SECONDS: Final = 2.0
LOCK: Final = "select 1 from ledger_accounts where path like :path for update"
LOSE_WHO_TELLS_OF_SEVERAL: Final = """
    create function lose_who_tells_of_several() returns trigger language plpgsql as $$ begin
        if (select count(*) from told) > 2 then
            perform pg_terminate_backend(pg_backend_pid());
        end if;
        return null;
    end $$
"""
WHEN_TOLD: Final = """
    create trigger lose_who_tells after insert on outbox referencing new table as told
    for each statement execute function lose_who_tells_of_several()
"""


async def test_a_refusal_is_nobody_elses(commands: Commands, payments: Payments, people: list[Actor]) -> None:
    amina, brian, chebet, daudi = people
    async with commands.by_system() as uow:
        await hold(
            uow,
            reference="payout:1:held",
            account=chart.user_wallet(chebet.user_id, Asset.KES),
            amount=kes(400),
            code=TransferCode.PERSON_TO_PERSON,
            expires_at=NOON + timedelta(days=1),
        )
    trail, events = len(await commands.trail()), len(await commands.events())

    paid, too_much, held, nobody, last = await together(
        payments.pay(amina, brian.user_id, kes(5)),
        payments.pay(daudi, amina.user_id, kes(1_001)),
        payments.pay(chebet, amina.user_id, kes(601)),
        payments.pay(brian, UserId(wallet_id_of(amina.user_id, Asset.KES)), kes(1)),
        payments.pay(chebet, brian.user_id, kes(600), "k2"),
    )

    assert isinstance(paid, str)
    assert isinstance(too_much, InsufficientFunds)
    assert isinstance(held, InsufficientFunds)
    assert isinstance(nobody, RecipientNotFound)
    assert isinstance(last, str)
    assert payments.rode == 2
    assert await balances(commands, people) == [995, 1_605, 400, 1_000]
    assert await counted(commands, "*", "idempotency_keys") == 2
    assert (len(await commands.trail()) - trail, len(await commands.events()) - events) == (2, 4)


async def test_nobody_waits_for_a_wallet_that_another_waits_for(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    async with commands.database.transaction() as somebody:
        await somebody.execute(text(LOCK), {"path": f"user:{amina.user_id}:%"})
        waiting = asyncio.create_task(payments.pay(brian, amina.user_id, kes(5)))
        async with asyncio.timeout(SOON_SECONDS):
            await together(payments.pay(chebet, daudi.user_id, kes(5)), payments.pay(daudi, chebet.user_id, kes(1)))
        assert payments.rode == 2
        assert not waiting.done()
    await waiting

    assert await balances(commands, people) == [1_005, 995, 996, 1_004]


async def test_nobody_waits_for_anothers_twin_under_way(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    once = payments.once(amina, "k1", kes(5))
    async with commands.by(amina, operation="pay", once=once) as twin:
        waiting = asyncio.create_task(payments.pay(amina, brian.user_id, kes(5)))
        async with asyncio.timeout(SOON_SECONDS):
            paid = await together(
                payments.pay(chebet, daudi.user_id, kes(5)), payments.pay(daudi, chebet.user_id, kes(1))
            )
        assert not waiting.done()
        twin.remember("by the twin")

    assert all(isinstance(each, str) for each in paid)
    with pytest.raises(Replayed) as replayed:
        await waiting
    assert replayed.value.answer == "by the twin"
    assert await balances(commands, people) == [1_000, 1_000, 996, 1_004]
    assert await counted(commands, "*", "idempotency_keys") == 3


async def test_a_lost_connection_is_met_by_nobody(fresh_database_url: str) -> None:
    map_everything()
    database = open_database(fresh_database_url)
    commands = Commands(database)
    payments = Payments(commands, Convoys(database, ring=lambda: None))
    amina, brian = [await make_holder(commands, kes(1_000)) for _ in range(2)]
    async with database.transaction() as somebody:
        await somebody.execute(text(LOSE_WHO_TELLS_OF_SEVERAL))
        await somebody.execute(text(WHEN_TOLD))

    paid = await together(payments.pay(amina, brian.user_id, kes(5)), payments.pay(brian, amina.user_id, kes(7)))

    assert all(isinstance(each, str) for each in paid)
    assert payments.rode == 0
    assert await balances(commands, [amina, brian]) == [1_002, 998]
    assert await counted(commands, "*", "idempotency_keys") == 2
    await database.close()


async def test_what_asks_for_more_or_waits_elsewhere_is_carried_out_by_itself(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people

    async def rename(uow: UnitOfWork) -> str:
        user = await uow.users.get_for_update(chebet.user_id)
        uow.emit(user.change_profile(display_name="Chebet the first", language="sw"))
        uow.remember("renamed")
        return "renamed"

    async def sleep(uow: UnitOfWork) -> str:
        await asyncio.sleep(0)
        uow.remember("slept")
        return "slept"

    async def break_off(uow: UnitOfWork) -> str:
        raise LookupError

    answers = await together(
        payments.pay(amina, brian.user_id, kes(5)),
        payments.carried(chebet, rename, payments.once(chebet, "k1", kes(0))),
        payments.carried(daudi, sleep, payments.once(daudi, "k1", kes(0))),
        payments.carried(daudi, break_off, payments.once(daudi, "k2", kes(0))),
        payments.pay(brian, amina.user_id, kes(1)),
    )

    assert answers[1:3] == ["renamed", "slept"]
    assert isinstance(answers[3], LookupError)
    assert payments.rode == 2
    assert await balances(commands, people) == [996, 1_004, 1_000, 1_000]


async def test_who_breaks_off_behind_the_posting_takes_nobody_along(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    booking = kes(5)

    async def pay_and_break_off(uow: UnitOfWork) -> str:
        await transfer_between_people(
            uow,
            from_wallet_id=wallet_id_of(amina.user_id, Asset.KES),
            recipient=ToPerson(brian.user_id),
            amount=booking,
            note=None,
            key="k1",
        )
        raise LookupError

    broken, paid, also = await together(
        payments.carried(amina, pay_and_break_off, payments.once(amina, "k1", booking)),
        payments.pay(chebet, daudi.user_id, kes(7)),
        payments.pay(daudi, chebet.user_id, kes(1)),
    )

    assert isinstance(broken, LookupError)
    assert isinstance(paid, str)
    assert isinstance(also, str)
    assert await balances(commands, people) == [1_000, 1_000, 994, 1_006]
    assert await counted(commands, "*", "idempotency_keys") == 2
