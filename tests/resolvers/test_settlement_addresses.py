"""Where a merchant is settled, through the API: who sets, stops, reads and hears it."""

from __future__ import annotations

from typing import Any

from domain.identity.roles import Role
from tests.api import Api
from tests.commands import Commands
from tests.makers.orders import make_merchant
from tests.makers.payouts import make_payee, show_pin
from tests.makers.wallets import make_holder

PLACE = "settlementAddress { id network address state setAt inForceAt cancelledAt }"
HISTORY = """
    query($id: ID!) { settlementAddresses(merchantId: $id) {
        nodes { network address state cancelledAt } pageInfo { hasNextPage } } }
"""
TRON = {"network": "TRON", "address": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"}
BSC = {"network": "BSC", "address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"}


def told(payload: Any) -> list[tuple[str, str | None]]:
    return [(error["__typename"], error["reason"]) for error in payload["errors"]]


async def test_it_is_set_stopped_and_read_by_its_owner(api: Api, commands: Commands) -> None:
    seller = await make_payee(commands)
    merchant = await make_merchant(commands, seller)

    first = await api.as_(seller).command("settlementAddressSet", PLACE, merchantId=merchant.label, **TRON)
    commands.now = commands.now.replace(day=22)
    await show_pin(commands, seller)
    await api.as_(seller).command("settlementAddressSet", PLACE, merchantId=merchant.label, **BSC)

    assert {name: first["settlementAddress"][name] for name in ("network", "address", "state", "inForceAt")} == {
        **TRON,
        "state": "PENDING",
        "inForceAt": "2026-11-21T12:00:00.000Z",
    }
    history = await api.as_(seller).ask(HISTORY, id=merchant.label)
    assert [(one["address"], one["state"]) for one in history["settlementAddresses"]["nodes"]] == [
        (BSC["address"], "PENDING"),
        (TRON["address"], "IN_FORCE"),
    ]
    stopped = await api.as_(seller).command(
        "settlementAddressCancel", PLACE, merchantId=merchant.label, reason="It was not me."
    )
    assert stopped["settlementAddress"]["state"] == "CANCELLED"
    again = await api.as_(seller).command(
        "settlementAddressCancel", PLACE, merchantId=merchant.label, reason="It was not me."
    )
    assert told(again) == [("ConflictError", "NO_PENDING_ADDRESS")]


async def test_strangers_neither_set_nor_read_it(api: Api, commands: Commands) -> None:
    seller, stranger = await make_payee(commands), await make_payee(commands)
    merchant = await make_merchant(commands, seller)
    clerk = await make_holder(commands, roles=(Role.FINANCE,))
    await api.as_(seller).command("settlementAddressSet", PLACE, merchantId=merchant.label, **TRON)

    assert (await api.as_(stranger).run(HISTORY, id=merchant.label)).codes == ["NOT_FOUND"]
    assert (await api.run(HISTORY, id=merchant.label)).codes == ["AUTHENTICATION_ERROR"]
    refused = await api.as_(stranger).command("settlementAddressSet", PLACE, merchantId=merchant.label, **BSC)
    assert told(refused) == [("NotFoundError", None)]
    assert len((await api.as_(clerk).ask(HISTORY, id=merchant.label))["settlementAddresses"]["nodes"]) == 1
    mistyped = {"network": "TRON", "address": TRON["address"].replace("TR7", "TR8")}
    faulty = await api.as_(seller).command("settlementAddressSet", PLACE, merchantId=merchant.label, **mistyped)
    assert [(error["__typename"], error["path"]) for error in faulty["errors"]] == [("ValidationError", ["address"])]
    commands.now = commands.now.replace(hour=13)
    late = await api.as_(seller).command("settlementAddressSet", PLACE, merchantId=merchant.label, **BSC)
    assert told(late) == [("AuthenticationError", "SECOND_FACTOR_NEEDED")]
