"""Each rule of the books alone: what the tables refuse without the functions, and the functions before the tables."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from db.engine import open_database
from db.mapping import map_everything
from domain.ids import new_id
from domain.ledger import chart
from domain.ledger.codes import TransferCode
from domain.ledger.errors import InsufficientFunds
from domain.ledger.holds import hold
from domain.ledger.transfer import MOVE_MINOR_MAX
from domain.money import Asset
from tests.commands import NOON, Commands
from tests.makers.wallets import kes, make_holder, posted, sending, verified, wallet

CHECK_VIOLATED = "23514"
NEVER_REWRITTEN = "SK008"
CALLERS_MISTAKE = "SK009"


async def refused(commands: Commands, statement: str, **arguments: object) -> str:
    """The state with which PostgreSQL refuses a statement."""
    with pytest.raises(DBAPIError) as refusal:
        async with commands.database.transaction() as connection:
            await connection.execute(text(statement), arguments)
    fault: Any = refusal.value.orig
    return str(fault.sqlstate)


async def test_the_table_alone_refuses_to_overdraw(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    path = chart.user_wallet(amina.user_id, Asset.KES).path

    assert (
        await refused(commands, "update ledger_accounts set posted_minor = -1 where path = :path", path=path)
        == CHECK_VIOLATED
    )
    assert (
        await refused(commands, "update ledger_accounts set held_minor = 1001 where path = :path", path=path)
        == CHECK_VIOLATED
    )
    assert (
        await refused(commands, "update ledger_accounts set held_minor = -1 where path = :path", path=path)
        == CHECK_VIOLATED
    )
    assert (await wallet(commands, amina)).available == kes(1_000)


async def test_the_function_alone_refuses_to_overdraw(fresh_database_url: str) -> None:
    map_everything()
    commands = Commands(open_database(fresh_database_url))
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands)
    async with commands.database.transaction() as connection:
        await connection.execute(text("alter table ledger_accounts drop constraint ck_ledger_accounts_floor"))

    with pytest.raises(InsufficientFunds):
        await posted(commands, sending("transfer:1", amina, brian, kes(1_001)))

    assert (await wallet(commands, amina)).balance == kes(1_000)
    await commands.database.close()


@pytest.mark.parametrize("table", ["ledger_entries", "ledger_transfers", "ledger_holds", "ledger_accounts"])
@pytest.mark.parametrize("statement", ["delete from {}", "truncate {} cascade"])
async def test_what_is_booked_cannot_be_removed(commands: Commands, table: str, statement: str) -> None:
    await make_holder(commands, kes(1_000))

    assert await refused(commands, statement.format(table)) == NEVER_REWRITTEN
    assert (await verified(commands)).is_sound


@pytest.mark.parametrize(
    "statement",
    [
        "update ledger_entries set amount_minor = amount_minor + 1",
        "update ledger_transfers set note = 'another'",
        "update ledger_transfers set reference = reference || '!' where false",
    ],
)
async def test_what_is_booked_cannot_be_changed(commands: Commands, statement: str) -> None:
    await make_holder(commands, kes(1_000))

    assert await refused(commands, statement) == NEVER_REWRITTEN


POST = """
    select ledger_post(:id, 'transfer:1', 'PERSON_TO_PERSON', ''::bytea, null, now(),
        cast(:paths as text[]), '{WALLET,WALLET}', cast(:assets as text[]), '{1}', '{2}', cast(:amounts as bigint[]))
"""


@pytest.mark.parametrize(
    ("turned_round", "assets", "amount"),
    [
        (False, ["KES", "KES"], 0),
        (False, ["KES", "KES"], -1),
        (False, ["KES", "KES"], MOVE_MINOR_MAX + 1),
        (False, ["KES", "USD"], 1),
        (True, ["KES", "KES"], 1),
    ],
    ids=["nothing", "less than nothing", "too much", "two assets", "accounts out of order"],
)
async def test_the_function_refuses_what_no_transfer_is(
    commands: Commands, turned_round: bool, assets: list[str], amount: int
) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands, kes(1_000))
    paths = sorted(chart.user_wallet(person.user_id, Asset.KES).path for person in (amina, brian))
    if turned_round:
        paths.reverse()

    state = await refused(commands, POST, id=new_id(), paths=paths, assets=assets, amounts=[amount])

    assert state == CALLERS_MISTAKE
    assert (await verified(commands)).transfers == 2


async def test_an_account_keeps_its_kind_and_asset(commands: Commands) -> None:
    amina, brian = await make_holder(commands, kes(1_000)), await make_holder(commands, kes(1_000))
    paths = sorted(chart.user_wallet(person.user_id, Asset.KES).path for person in (amina, brian))

    state = await refused(commands, POST, id=new_id(), paths=paths, assets=["USD", "USD"], amounts=[1])

    assert state == CALLERS_MISTAKE


async def test_one_account_is_opened_by_all_who_pay_it_first(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    stranger = await make_holder(commands)
    async with commands.database.transaction() as connection:
        await connection.execute(text("set local session_replication_role = replica"))
        await connection.execute(
            text("delete from ledger_accounts where path = :path"),
            {"path": chart.user_wallet(stranger.user_id, Asset.KES).path},
        )

    await asyncio.gather(
        *(posted(commands, sending(f"transfer:{number}", amina, stranger, kes(10))) for number in range(10))
    )

    assert (await wallet(commands, stranger)).balance == kes(100)
    assert (await verified(commands)).is_sound


async def test_a_hold_is_settled_once_by_the_table_too(commands: Commands) -> None:
    amina = await make_holder(commands, kes(1_000))
    async with commands.by_system() as uow:
        await hold(
            uow,
            reference="payout:1:held",
            account=chart.user_wallet(amina.user_id, Asset.KES),
            amount=kes(10),
            code=TransferCode.PERSON_TO_PERSON,
            expires_at=NOON + timedelta(days=1),
        )

    assert await refused(commands, "update ledger_holds set state = 'RELEASED'") == CHECK_VIOLATED
    assert await refused(commands, "update ledger_holds set state = 'CAPTURED', settled_at = now()") == CHECK_VIOLATED
    assert await refused(commands, "update ledger_holds set amount_minor = 0") == CHECK_VIOLATED
