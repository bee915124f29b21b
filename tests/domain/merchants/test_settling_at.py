"""A merchant is paid elsewhere from tomorrow on, unless somebody stops it; by a second factor, and never unseen."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from db.reads.merchants import address_in_force
from db.tables.identity import outgoing_messages
from domain.errors import InvalidInput, QuotaExceeded
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.identity.second_factor import SecondFactorNeeded
from domain.merchants.chain_address import SettlementNetwork
from domain.merchants.errors import MerchantNotFound, NoPendingAddress, SettlementAddressStays
from domain.merchants.merchant import Merchant
from domain.merchants.settlement_address import SettlementAddress
from domain.merchants.settling_at import SETS_PER_DAY, cancel_settlement_address, set_settlement_address
from tests.commands import Commands
from tests.makers.orders import make_merchant
from tests.makers.payouts import make_payee, show_pin
from tests.makers.people import make_person
from tests.makers.wallets import make_holder

FIRST, SECOND, THIRD = (
    "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t",
    "TNUC9Qb1rRpS5CbWLmNMxXBjyFoydXjWFR",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
)


@pytest.fixture
async def seller(commands: Commands) -> Actor:
    """In a session that showed its PIN just now."""
    return await make_payee(commands)


@pytest.fixture
async def merchant(commands: Commands, seller: Actor) -> Merchant:
    return await make_merchant(commands, seller)


async def settle_at(
    commands: Commands, gateways: Gateways, who: Actor, merchant: Merchant, address: str
) -> SettlementAddress:
    network = SettlementNetwork.BSC if address.startswith("0x") else SettlementNetwork.TRON
    async with commands.by(who) as uow:
        return await set_settlement_address(uow, gateways, merchant_id=merchant.id, network=network, address=address)


async def cancel(commands: Commands, gateways: Gateways, who: Actor, merchant: Merchant) -> SettlementAddress:
    async with commands.by(who) as uow:
        return await cancel_settlement_address(uow, gateways, merchant_id=merchant.id, reason="It was not me.")


async def in_force(commands: Commands, merchant: Merchant) -> str | None:
    async with commands.database.read() as connection:
        found = await address_in_force(connection, merchant.id, at=commands.now)
    return found.address if found else None


async def messages(commands: Commands, gateways: Gateways) -> list[str]:
    async with commands.database.read() as connection:
        rows = (await connection.execute(select(outgoing_messages).order_by(outgoing_messages.c.id))).all()
    return [gateways.sealer.unseal(row.sealed_text, about=f"message text {row.id}") for row in rows]


async def test_it_holds_a_day_later_and_the_old_one_until_then(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    await settle_at(commands, gateways, seller, merchant, FIRST)
    assert await in_force(commands, merchant) is None
    commands.later(timedelta(hours=24))
    assert await in_force(commands, merchant) == FIRST
    await show_pin(commands, seller)

    await settle_at(commands, gateways, seller, merchant, THIRD)

    commands.later(timedelta(hours=23, minutes=59))
    assert await in_force(commands, merchant) == FIRST
    commands.later(timedelta(minutes=1))
    assert await in_force(commands, merchant) == THIRD


async def test_its_owner_is_told_and_it_is_audited(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    await settle_at(commands, gateways, seller, merchant, FIRST)

    [told] = await commands.events("merchant.settlement_address_updated")
    assert (told.body["address"], told.body["state"], told.body["owner_id"]) == (
        FIRST,
        "PENDING",
        str(seller.user_id),
    )
    [text] = await messages(commands, gateways)
    assert text.startswith("Duka la Vitabu will be paid at TR7NHq…gjLj6t (TRON) from 2026-11-21 12:00 UTC on.")
    audited = (await commands.trail())[-1]
    assert audited.actor == seller.label
    assert FIRST in str(audited.changes)


async def test_it_can_be_stopped_by_its_owner_and_by_those_who_verify(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    clerk = await make_person(commands, Role.FINANCE)
    for who in (seller, clerk):
        await settle_at(commands, gateways, seller, merchant, FIRST)
        cancelled = await cancel(commands, gateways, who, merchant)
        assert (cancelled.cancelled_by, cancelled.cancelled_at) == (who.user_id, commands.now)
        with pytest.raises(NoPendingAddress):
            await cancel(commands, gateways, who, merchant)

    commands.later(timedelta(days=2))
    assert await in_force(commands, merchant) is None
    states = [event.body["state"] for event in await commands.events("merchant.settlement_address_updated")]
    assert states == ["PENDING", "CANCELLED"] * 2
    assert len(await messages(commands, gateways)) == 4
    assert (await commands.trail())[-1].reason == "It was not me."


async def test_what_holds_is_not_cancelled(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    await settle_at(commands, gateways, seller, merchant, FIRST)
    commands.later(timedelta(hours=24))

    with pytest.raises(NoPendingAddress):
        await cancel(commands, gateways, seller, merchant)

    assert await in_force(commands, merchant) == FIRST


async def test_one_that_waits_gives_way_and_the_day_begins_anew(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    await settle_at(commands, gateways, seller, merchant, FIRST)
    commands.later(timedelta(hours=23))
    await show_pin(commands, seller)

    await settle_at(commands, gateways, seller, merchant, SECOND)

    commands.later(timedelta(hours=23))
    assert await in_force(commands, merchant) is None
    commands.later(timedelta(hours=1))
    assert await in_force(commands, merchant) == SECOND


async def test_without_a_second_factor_nothing_changes(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    commands.later(timedelta(minutes=5, seconds=1))
    with pytest.raises(SecondFactorNeeded):
        await settle_at(commands, gateways, seller, merchant, FIRST)

    await require_nothing(commands, gateways)


async def require_nothing(commands: Commands, gateways: Gateways) -> None:
    assert await commands.events("merchant.settlement_address_updated") == []
    assert await messages(commands, gateways) == []


async def test_strangers_and_wrong_addresses_change_nothing(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    stranger = await make_payee(commands)
    with pytest.raises(MerchantNotFound):
        await settle_at(commands, gateways, stranger, merchant, FIRST)
    with pytest.raises(MerchantNotFound):
        await cancel(commands, gateways, await make_holder(commands), merchant)
    with pytest.raises(InvalidInput):
        await settle_at(commands, gateways, seller, merchant, FIRST[:-1] + "u")
    with pytest.raises(InvalidInput):
        async with commands.by(seller) as uow:
            await set_settlement_address(
                uow, gateways, merchant_id=merchant.id, network=SettlementNetwork.BSC, address=FIRST
            )

    await require_nothing(commands, gateways)


async def test_the_same_again_stays_and_five_a_day_are_set(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    await settle_at(commands, gateways, seller, merchant, FIRST)
    with pytest.raises(SettlementAddressStays):
        await settle_at(commands, gateways, seller, merchant, FIRST)
    for address in (SECOND, FIRST, SECOND, THIRD):
        await settle_at(commands, gateways, seller, merchant, address)

    with pytest.raises(QuotaExceeded):
        await settle_at(commands, gateways, seller, merchant, FIRST)

    assert len(await messages(commands, gateways)) == SETS_PER_DAY
    commands.later(timedelta(hours=24))
    assert await in_force(commands, merchant) == THIRD


async def test_of_two_at_once_one_waits(
    commands: Commands, gateways: Gateways, seller: Actor, merchant: Merchant
) -> None:
    await asyncio.gather(
        *(settle_at(commands, gateways, seller, merchant, address) for address in (FIRST, SECOND, THIRD))
    )

    cancelled = await cancel(commands, gateways, seller, merchant)
    with pytest.raises(NoPendingAddress):
        await cancel(commands, gateways, seller, merchant)
    assert cancelled.address in (FIRST, SECOND, THIRD)
    commands.later(timedelta(days=2))
    assert await in_force(commands, merchant) is None
