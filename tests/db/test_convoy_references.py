"""Payments that were made before, though their keys no longer tell, or not yet: nobody else is troubled."""

from __future__ import annotations

from sqlalchemy import text

from db.convoys import Convoys
from domain.idempotency import Replayed
from domain.identity.actor import Actor
from domain.ledger.errors import ReferenceReused
from tests.commands import Commands
from tests.db.riding import Payments, balances, counted, together
from tests.makers.wallets import kes, verified


async def forget_keys(commands: Commands) -> None:
    async with commands.database.transaction() as connection:
        await connection.execute(text("delete from idempotency_keys"))


async def test_a_payment_whose_key_is_forgotten_is_answered_as_it_was(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    reference = await payments.pay(amina, brian.user_id, kes(1_000))
    await forget_keys(commands)
    events = len(await commands.events())

    again, also, paid = await together(
        payments.pay(amina, brian.user_id, kes(1_000)),
        payments.pay(brian, chebet.user_id, kes(2_000)),
        payments.pay(chebet, daudi.user_id, kes(3_000)),
    )

    assert again == reference
    assert isinstance(also, str)
    assert isinstance(paid, str)
    assert payments.rode == 2
    assert await balances(commands, people) == [0, 0, 0, 4_000]
    assert len(await commands.events()) - events == 4
    assert await counted(commands, "*", "idempotency_keys") == 3


async def test_a_forgotten_key_for_another_payment_is_refused_to_nobody_else(
    commands: Commands, payments: Payments, people: list[Actor]
) -> None:
    amina, brian, chebet, daudi = people
    await payments.pay(amina, brian.user_id, kes(5))
    await forget_keys(commands)
    trail = len(await commands.trail())

    other, *paid = await together(
        payments.pay(amina, brian.user_id, kes(6)),
        payments.pay(chebet, daudi.user_id, kes(7)),
        payments.pay(daudi, chebet.user_id, kes(1)),
    )

    assert isinstance(other, ReferenceReused)
    assert all(isinstance(each, str) for each in paid)
    assert payments.rode == 2
    assert await balances(commands, people) == [995, 1_005, 994, 1_006]
    assert (len(await commands.trail()) - trail, await counted(commands, "*", "idempotency_keys")) == (2, 2)


async def test_twins_of_two_processes_pay_once(commands: Commands, payments: Payments, people: list[Actor]) -> None:
    amina, brian, chebet, daudi = people
    elsewhere = Payments(commands, Convoys(commands.database, ring=lambda: None))

    for number in range(10):
        key = f"k{number}"
        here, there, *others = await together(
            payments.pay(amina, brian.user_id, kes(5), key),
            elsewhere.pay(amina, brian.user_id, kes(5), key),
            payments.pay(chebet, daudi.user_id, kes(1), key),
            elsewhere.pay(daudi, chebet.user_id, kes(1), key),
        )
        assert {type(here), type(there)} == {str, Replayed}
        assert all(isinstance(other, str) for other in others)

    assert await balances(commands, people) == [950, 1_050, 1_000, 1_000]
    assert await counted(commands, "*", "ledger_transfers") == 4 + 30
    assert (await verified(commands)).is_sound
    await elsewhere.convoys.close()
