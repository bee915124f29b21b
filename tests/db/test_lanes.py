"""Commands take turns: nobody's crowd keeps others from the database."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from db.engine import open_database
from db.lanes import KEPT_FREE, WIDTH, Lanes
from db.mapping import map_everything
from domain.errors import Overloaded
from domain.ledger.posting import post
from tests.commands import Commands
from tests.makers.wallets import kes, make_holder, sending, wallet

SOON_SECONDS = 0.05


async def enter_at_once(lanes: Lanes, person: str | None, count: int) -> tuple[list[asyncio.Task[None]], int]:
    """So many at once, and how many of them got in."""
    entering = [asyncio.create_task(lanes.enter(person)) for _ in range(count)]
    await asyncio.sleep(0)
    return entering, sum(task.done() for task in entering)


async def test_one_persons_commands_that_wait_hold_no_connection(fresh_database_url: str) -> None:
    map_everything()
    database = open_database(fresh_database_url, pool_size=WIDTH + KEPT_FREE + 1)
    commands = Commands(database)
    amina, brian, chebet = [await make_holder(commands, kes(1_000)) for _ in range(3)]

    async def pay(number: int) -> None:
        async with commands.by(amina) as uow:
            await post(uow, sending(f"t{number}", amina, chebet, kes(10)))

    async with database.transaction() as somebody:
        lock = "select 1 from ledger_accounts where path like :path for update"
        await somebody.execute(text(lock), {"path": f"user:{amina.user_id}:%"})
        crowd = [asyncio.create_task(pay(number)) for number in range(30)]
        await asyncio.sleep(0.1)
        async with commands.by(brian) as uow:
            await post(uow, sending("from brian", brian, chebet, kes(10)))
        assert not any(task.done() for task in crowd)
    await asyncio.gather(*crowd)

    assert (await wallet(commands, amina)).balance == kes(700)
    assert (await wallet(commands, chebet)).balance == kes(1_310)
    await database.close()


async def test_commands_come_in_the_order_of_asking() -> None:
    lanes = Lanes(connections=KEPT_FREE + 1, wait_seconds=5)
    order: list[str] = []

    async def command(person: str) -> None:
        await lanes.enter(person)
        order.append(person)
        await asyncio.sleep(0)
        lanes.leave(person)

    async def hammer() -> None:
        for _ in range(5):
            await command("amina")

    await asyncio.gather(hammer(), *(command(f"person {number}") for number in range(3)))

    assert order == ["amina", "person 0", "person 1", "person 2", *["amina"] * 4]


async def test_who_waits_too_long_is_refused_and_takes_nobodys_turn() -> None:
    lanes = Lanes(connections=100, wait_seconds=SOON_SECONDS)
    entering, inside = await enter_at_once(lanes, "amina", WIDTH + 3)

    refusals = [outcome for outcome in await asyncio.gather(*entering, return_exceptions=True) if outcome is not None]
    for _ in range(WIDTH):
        lanes.leave("amina")
    _, inside_again = await enter_at_once(lanes, "amina", WIDTH)

    assert inside == inside_again == WIDTH
    assert [type(refusal) for refusal in refusals] == [Overloaded] * 3


async def test_who_gives_up_while_all_connections_are_taken_takes_nobodys_turn() -> None:
    lanes = Lanes(connections=KEPT_FREE + 1, wait_seconds=5)
    await lanes.enter(None)
    entering, inside = await enter_at_once(lanes, "amina", WIDTH)
    for task in entering:
        task.cancel()
    await asyncio.gather(*entering, return_exceptions=True)
    lanes.leave(None)

    await lanes.enter("amina")

    assert inside == 0


async def test_a_unit_of_work_for_which_there_is_no_turn_may_be_tried_again(fresh_database_url: str) -> None:
    map_everything()
    narrow = open_database(fresh_database_url, pool_size=KEPT_FREE + 1, wait_seconds=SOON_SECONDS)
    commands = Commands(narrow)

    async def look() -> None:
        async with commands.by_system() as uow:
            await uow.users.lock_admins()

    async with commands.by_system():
        with pytest.raises(Overloaded):
            await look()
    await look()

    await narrow.close()
