"""A command's effect, events, audit row and remembered answer are committed together or not at all."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text, update

from db.tables.identity import users
from domain.errors import ConcurrentChange
from domain.idempotency import IdempotencyKey, KeyReused, Replayed
from domain.identity.actor import Actor
from domain.ledger.errors import InsufficientFunds
from domain.ledger.posting import post
from domain.money import Money
from tests.commands import Commands
from tests.makers.wallets import kes, make_holder, sending, verified, wallet


def key_of(actor: Actor, *, arguments: str = "300") -> IdempotencyKey:
    return IdempotencyKey.of(actor=actor.label, operation="test", key="k1", arguments=arguments)


async def pay(
    commands: Commands, sender: Actor, recipient: Actor, amount: Money, *, once: IdempotencyKey | None = None
) -> None:
    async with commands.by(sender, once=once) as uow:
        await post(uow, sending("t1", sender, recipient, amount))
        uow.remember("paid")


async def rename_and_pay(commands: Commands, sender: Actor, recipient: Actor, amount: Money) -> None:
    async with commands.by(sender) as uow:
        user = await uow.users.get_for_update(sender.user_id)
        uow.emit(user.change_profile(display_name="Amina", language="sw"))
        await post(uow, sending("t1", sender, recipient, amount))


async def name_of(commands: Commands, actor: Actor) -> str:
    async with commands.by_system() as uow:
        return (await uow.users.get(actor.user_id)).display_name


async def left_behind(commands: Commands) -> tuple[int, int, int, int]:
    """How many transfers, events, audit rows and remembered answers there are."""
    tables = ("ledger_transfers", "outbox", "audit_entries", "idempotency_keys")
    counts = ", ".join(f"(select count(*) from {table})" for table in tables)
    async with commands.database.read() as connection:
        transfers, events, trail, answers = (await connection.execute(text(f"select {counts}"))).one()
        return transfers, events, trail, answers


async def test_a_command_is_committed_with_all_it_says(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    before, rings = await left_behind(commands), commands.rings

    await pay(commands, amina, brian, kes(300), once=key_of(amina))

    after = await left_behind(commands)
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1, 1]
    assert commands.rings == rings + 1
    with pytest.raises(Replayed) as replay:
        await pay(commands, amina, brian, kes(300), once=key_of(amina))
    assert replay.value.answer == "paid"


async def test_a_command_that_fails_after_it_booked_leaves_nothing(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    before, rings = await left_behind(commands), commands.rings

    async def stumble() -> None:
        async with commands.by(amina, once=key_of(amina)) as uow:
            await post(uow, sending("t1", amina, brian, kes(300)))
            uow.remember("paid")
            raise LookupError

    with pytest.raises(LookupError):
        await stumble()

    assert await left_behind(commands) == before
    assert commands.rings == rings
    assert (await wallet(commands, amina)).balance == kes(1_000)
    await pay(commands, amina, brian, kes(300), once=key_of(amina))


async def test_a_connection_that_is_lost_after_the_booking_takes_everything_with_it(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    before = await left_behind(commands)

    async def be_cut_off() -> None:
        async with commands.by(amina, once=key_of(amina)) as uow:
            await post(uow, sending("t1", amina, brian, kes(300)))
            uow.remember("paid")
            pid = await uow.session.scalar(text("select pg_backend_pid()"))
            async with commands.database.read() as other:
                await other.execute(text("select pg_terminate_backend(:pid, 5000)"), {"pid": pid})

    with pytest.raises(Exception, match="connection"):
        await be_cut_off()

    assert await left_behind(commands) == before
    await pay(commands, amina, brian, kes(300), once=key_of(amina))
    assert (await verified(commands)).is_sound


async def test_a_command_that_is_cancelled_leaves_nothing_and_its_connection_is_of_use(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    before = await left_behind(commands)

    async def dawdle() -> None:
        async with commands.by(amina, once=key_of(amina)) as uow:
            await post(uow, sending("t1", amina, brian, kes(300)))
            await uow.session.execute(text("select pg_sleep(30)"))

    dawdling = asyncio.create_task(dawdle())
    await asyncio.sleep(0.2)
    dawdling.cancel()
    await asyncio.gather(dawdling, return_exceptions=True)

    assert await left_behind(commands) == before
    await asyncio.gather(*(name_of(commands, amina) for _ in range(20)))
    await pay(commands, amina, brian, kes(300), once=key_of(amina))


async def test_what_is_mapped_and_what_is_booked_are_committed_together(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    await rename_and_pay(commands, amina, brian, kes(300))

    assert await name_of(commands, amina) == "Amina"
    assert (await wallet(commands, brian)).balance == kes(300)
    names = [event.name for event in await commands.events()][-3:]
    assert names == ["profile.updated", "wallet.update", "wallet.update"]
    assert [change["table"] for change in (await commands.trail())[-1].changes] == [
        "ledger_transfers",
        "ledger_accounts",
        "ledger_accounts",
        "users",
    ]


async def test_what_is_mapped_goes_with_a_booking_that_is_refused(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(100)), await make_holder(commands)
    before = await left_behind(commands)

    with pytest.raises(InsufficientFunds):
        await rename_and_pay(commands, amina, brian, kes(300))

    assert await name_of(commands, amina) == "Wanjiru"
    assert await left_behind(commands) == before


async def test_a_booking_goes_with_a_mapped_row_that_somebody_else_changed(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    before = await left_behind(commands)

    async def meet() -> None:
        async with commands.by(amina) as uow:
            user = await uow.users.get(amina.user_id)
            async with commands.database.transaction() as other:
                await other.execute(update(users).where(users.c.id == amina.user_id).values(version=7))
            await post(uow, sending("t1", amina, brian, kes(300)))
            uow.emit(user.change_profile(display_name="Amina", language="sw"))

    with pytest.raises(ConcurrentChange):
        await meet()

    assert await left_behind(commands) == before
    assert await name_of(commands, amina) == "Wanjiru"


async def test_a_refusal_that_somebody_swallows_is_not_committed(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(100)), await make_holder(commands)
    before = await left_behind(commands)

    async def go_on_regardless() -> None:
        async with commands.by_system() as uow:
            with pytest.raises(InsufficientFunds):
                await post(uow, sending("t1", amina, brian, kes(300)))

    with pytest.raises(AssertionError, match="is not committed"):
        await go_on_regardless()

    assert await left_behind(commands) == before


async def test_whatever_people_write_is_kept_to_the_letter(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    wicked = """it's '' 'quoted'; rollback; -- \\' \\\\ "x" $1 $$ {} % \t\n\x7f ŝanĝo 🎉 \u2028"""
    key = "k'); delete from outbox; --\\'"
    once = IdempotencyKey.of(actor=amina.label, operation="it's", key=key, arguments=None)

    async def send() -> None:
        async with commands.by(amina, operation="it's", once=once) as uow:
            uow.because(wicked)
            user = await uow.users.get_for_update(amina.user_id)
            uow.emit(user.change_profile(display_name=wicked, language="sw"))
            await post(uow, sending(wicked, amina, brian, kes(300)))
            uow.remember({wicked: [wicked]})

    await send()

    audited = (await commands.trail())[-1]
    assert (audited.operation, audited.reason) == ("it's", wicked)
    assert audited.changes[0]["after"]["reference"] == wicked
    assert audited.changes[-1]["after"]["display_name"] == wicked
    assert [event.body.get("display_name") for event in await commands.events()][-3] == wicked
    with pytest.raises(Replayed) as replay:
        await send()
    assert replay.value.answer == {wicked: [wicked]}


async def test_events_of_one_command_keep_their_order(commands: Commands) -> None:
    holders = [await make_holder(commands, kes(1_000)) for _ in range(12)]
    before = len(await commands.events())

    async with commands.by_system() as uow:
        for number, (sender, recipient) in enumerate(zip(holders, holders[1:], strict=False)):
            user = await uow.users.get(sender.user_id)
            uow.emit(user.change_profile(display_name=f"Number {number}", language="en"))
            await post(uow, sending(f"t{number}", sender, recipient, kes(10)))

    told = (await commands.events())[before:]
    assert [event.name for event in told] == ["profile.updated", "wallet.update", "wallet.update"] * 11
    references = [event.body["txn"]["reference"] for event in told if "txn" in event.body]
    assert references == [f"t{number}" for number in range(11) for _ in range(2)]


async def test_a_twin_waits_and_is_told_what_was_answered(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    async with commands.by(amina, once=key_of(amina)) as uow:
        twin = asyncio.create_task(pay(commands, amina, brian, kes(300), once=key_of(amina)))
        other = asyncio.create_task(pay(commands, amina, brian, kes(1), once=key_of(amina, arguments="1")))
        await asyncio.sleep(0.1)
        assert not twin.done()
        assert not other.done()
        await post(uow, sending("t1", amina, brian, kes(300)))
        uow.remember("paid by the first")

    with pytest.raises(Replayed) as replay:
        await twin
    with pytest.raises(KeyReused):
        await other
    assert replay.value.answer == "paid by the first"
    assert (await wallet(commands, brian)).balance == kes(300)


async def test_a_twin_of_a_command_that_failed_is_carried_out(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)

    twins: list[asyncio.Task[None]] = []

    async def stumble() -> None:
        async with commands.by(amina, once=key_of(amina)) as uow:
            await post(uow, sending("t0", amina, brian, kes(200)))
            twin = asyncio.create_task(pay(commands, amina, brian, kes(300), once=key_of(amina)))
            await asyncio.sleep(0.1)
            assert not twin.done()
            twins.append(twin)
            raise LookupError

    with pytest.raises(LookupError):
        await stumble()
    await twins[0]

    assert (await wallet(commands, brian)).balance == kes(300)


SLOW_COMMIT = """
create function slow_commit() returns trigger language plpgsql as 'begin perform pg_sleep(0.5); return null; end';
create constraint trigger slow_commit after insert on ledger_transfers
    deferrable initially deferred for each row execute function slow_commit()
"""


async def test_a_command_told_to_stop_while_it_commits_is_done_and_says_so(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    before, booked, answers = await left_behind(commands), asyncio.Event(), list[str]()

    async def carry_out() -> None:
        async with commands.by(amina, once=key_of(amina)) as uow:
            await post(uow, sending("t1", amina, brian, kes(300)))
            uow.remember("paid")
            booked.set()
        answers.append("paid")

    async with commands.database.transaction() as connection:
        for statement in SLOW_COMMIT.split(";\n"):
            await connection.execute(text(statement))
    try:
        running = asyncio.create_task(carry_out())
        await booked.wait()
        await asyncio.sleep(0.1)
        running.cancel()
        await running
    finally:
        async with commands.database.transaction() as connection:
            await connection.execute(text("drop function slow_commit cascade"))

    after = await left_behind(commands)
    assert answers == ["paid"]
    assert [now - then for now, then in zip(after, before, strict=True)] == [1, 2, 1, 1]
