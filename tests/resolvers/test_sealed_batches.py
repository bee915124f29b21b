"""What is sealed is read for a whole list at once, and opened for those it is for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from domain.gateways import Gateways
from domain.identity.roles import Role
from tests.api import Api
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.orders import buy, make_merchant, make_product
from tests.makers.payouts import BANK, make_payee, make_payout
from tests.makers.wallets import kes, make_holder, points


@contextmanager
def statements(commands: Commands, word: str) -> Iterator[list[str]]:
    """Those that ask for this column by way of the engine."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if f".{word}" in statement:
            seen.append(statement)

    engine = commands.database.engine.sync_engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def test_the_codes_of_a_page_of_orders_are_read_at_once(api: Api, commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    seller, amina = await make_holder(commands), await make_holder(commands, points(900))
    merchant = await make_merchant(commands, seller)
    product = await make_product(commands, gateways, seller, merchant, points(300), stock=3)
    for _ in range(3):
        await buy(commands, amina, product.id, points(300))

    with statements(commands, "sealed_code") as seen:
        found = await api.as_(amina).ask("{ viewer { orders { nodes { code } } } }")

    codes = {node["code"] for node in found["viewer"]["orders"]["nodes"]}
    assert (len(codes), None in codes, len(seen)) == (3, False, 1)


async def test_where_payouts_of_a_page_go_to_is_read_at_once(api: Api, commands: Commands, gateways: Gateways) -> None:
    await observe(commands)
    amina, clerk = await make_payee(commands, kes(1_000_000)), await make_holder(commands, roles=(Role.FINANCE,))
    for _ in range(3):
        await make_payout(commands, gateways, amina, kes(129_250))

    with statements(commands, "sealed_destination") as seen:
        found = await api.as_(clerk).ask("{ payoutQueue { nodes { destination } } }")

    assert [node["destination"] for node in found["payoutQueue"]["nodes"]] == [BANK] * 3
    assert len([statement for statement in seen if "payouts.id IN" in statement]) == 1
