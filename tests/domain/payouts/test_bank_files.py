"""Approved bank payouts leave in a file: each in one, whoever exports at the same moment, and none unapproved."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, insert, select, update
from sqlalchemy.exc import IntegrityError

from db.reads.bank_files import payouts_in_file
from db.reads.payouts import payout_by_id
from db.tables.bank_files import bank_file_payments, bank_files
from db.tables.payouts import payouts
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.blocking import block_user
from domain.identity.roles import Role
from domain.money import Asset
from domain.page import PageRequest
from domain.payouts.bank_file import BankFile, BankFileFormat
from domain.payouts.errors import NoPayoutAccount, NothingToExport, PayoutAlreadyDecided
from domain.payouts.exporting import ExportTerms, export_payouts, sealed_about
from domain.payouts.payout import Payout
from domain.payouts.review import reject_payout
from domain.payouts.state import PayoutRail, PayoutState
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import approve, export, make_payee, make_payout
from tests.makers.people import make_person
from tests.makers.wallets import kes, verified, wallet

RICH, WAGE = kes(100_000_000), kes(129_250)


async def approved(commands: Commands, gateways: Gateways, clerk: Actor, owner: Actor) -> Payout:
    payout = await make_payout(commands, gateways, owner, WAGE, rail=PayoutRail.BANK_TRANSFER)
    return await approve(commands, clerk, payout)


async def states(commands: Commands, some: Sequence[Payout]) -> list[PayoutState]:
    async with commands.database.read() as connection:
        found = [await payout_by_id(connection, payout.id) for payout in some]
    return [payout.state for payout in found if payout]


async def inside(commands: Commands, file: BankFile) -> list[str]:
    async with commands.database.read() as connection:
        page = await payouts_in_file(connection, file.id, page=PageRequest(first=50))
    return [payout.label for payout in page.items]


async def file_count(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(bank_files)) or 0


@pytest.fixture
async def clerk(commands: Commands) -> Actor:
    await observe(commands)
    return await make_person(commands, Role.FINANCE)


async def test_what_is_approved_leaves_in_one_file_and_is_under_way(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)
    first, second = [await approved(commands, gateways, clerk, amina) for _ in range(2)]
    waiting = await make_payout(commands, gateways, amina, WAGE, rail=PayoutRail.BANK_TRANSFER)

    file = await export(commands, gateways, clerk)

    assert (file.total, file.payments_count, file.made_by) == (kes(258_500), 2, clerk.user_id)
    assert await inside(commands, file) == [first.label, second.label]
    sending, held = PayoutState.SENDING, PayoutState.HELD
    assert await states(commands, [first, second, waiting]) == [sending, sending, held]
    assert file.sealed_content is not None
    content = gateways.sealer.unseal(file.sealed_content, about=sealed_about(file.id))
    assert content.count("<InstdAmt") == 2
    assert (hashlib.sha256(content.encode()).hexdigest(), len(content.encode())) == (file.sha256, file.size_bytes)
    assert "01007654321" not in str(await commands.trail()) + str([event.body for event in await commands.events()])
    assert (await wallet(commands, amina)).held == kes(3 * 129_250)
    with pytest.raises(NothingToExport):
        await export(commands, gateways, clerk)
    assert await file_count(commands) == 1


async def test_clerks_who_export_at_once_pay_nobody_twice(commands: Commands, gateways: Gateways, clerk: Actor) -> None:
    owners = [await make_payee(commands, RICH) for _ in range(3)]
    some = [await approved(commands, gateways, clerk, owner) for owner in owners for _ in range(3)]

    ends = await asyncio.gather(*(export(commands, gateways, clerk) for _ in range(6)), return_exceptions=True)

    made = [end for end in ends if isinstance(end, BankFile)]
    assert all(isinstance(end, BankFile | NothingToExport) for end in ends), ends
    named = [label for file in made for label in await inside(commands, file)]
    assert sorted(named) == sorted(payout.label for payout in some)
    assert sum(file.total.minor for file in made) == 9 * WAGE.minor
    assert (await verified(commands)).is_sound


async def test_the_table_holds_a_payout_in_one_file(commands: Commands, gateways: Gateways, clerk: Actor) -> None:
    amina = await make_payee(commands, RICH)
    first = await approved(commands, gateways, clerk, amina)
    await export(commands, gateways, clerk)
    await approved(commands, gateways, clerk, amina)
    other = await export(commands, gateways, clerk)

    again = {"payout_id": first.id, "file_id": other.id, "place": 7}
    with pytest.raises(IntegrityError):
        async with commands.database.transaction() as connection:
            await connection.execute(insert(bank_file_payments), [again])


async def test_what_is_not_exported_can_still_be_kept_and_then_leaves_no_more(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)
    kept, sent = [await approved(commands, gateways, clerk, amina) for _ in range(2)]

    async with commands.by(clerk) as uow:
        await reject_payout(uow, payout_id=kept.id, reason="Approved by mistake")
    file = await export(commands, gateways, clerk)
    with pytest.raises(PayoutAlreadyDecided):
        async with commands.by(clerk) as uow:
            await reject_payout(uow, payout_id=sent.id, reason="Too late")

    assert await inside(commands, file) == [sent.label]
    assert await states(commands, [kept, sent]) == [PayoutState.REJECTED, PayoutState.SENDING]
    assert (await wallet(commands, amina)).held == WAGE


async def test_other_assets_other_rails_and_blocked_people_are_left_out(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina, brian = await make_payee(commands, RICH), await make_payee(commands, RICH)
    await approve(commands, clerk, await make_payout(commands, gateways, amina, WAGE))
    shut = await approved(commands, gateways, clerk, brian)
    async with commands.by_system() as uow:
        await block_user(uow, user_id=brian.user_id, reason="Fraud", until=None)
    sent = await approved(commands, gateways, clerk, amina)

    with pytest.raises(NothingToExport):
        await export(commands, gateways, clerk, asset=Asset.EUR)
    file = await export(commands, gateways, clerk)

    assert await inside(commands, file) == [sent.label]
    assert await states(commands, [shut]) == [PayoutState.APPROVED]


async def test_what_names_no_account_is_left_for_finance_to_keep(
    commands: Commands, gateways: Gateways, clerk: Actor
) -> None:
    amina = await make_payee(commands, RICH)
    unreadable = await approved(commands, gateways, clerk, amina)
    sealed = gateways.sealer.seal("Equity Bank, Amina", about=f"payout destination {unreadable.id}")
    async with commands.database.transaction() as connection:
        await connection.execute(update(payouts).values(sealed_destination=sealed))

    with pytest.raises(NothingToExport):
        await export(commands, gateways, clerk)
    async with commands.by(clerk) as uow:
        await reject_payout(uow, payout_id=unreadable.id, reason="Please say BIC, number and holder.")

    assert (await wallet(commands, amina)).held == kes(0)


@pytest.mark.parametrize("account", ["", "Sokoni Demo Bank, account 0100"])
async def test_without_an_account_of_ours_nothing_leaves(
    commands: Commands, gateways: Gateways, clerk: Actor, account: str
) -> None:
    amina = await make_payee(commands, RICH)
    payout = await approved(commands, gateways, clerk, amina)
    terms = ExportTerms(account=account, utc_offset=timedelta(hours=3))

    with pytest.raises(NoPayoutAccount):
        async with commands.by(clerk) as uow:
            await export_payouts(uow, gateways, asset=Asset.KES, format=BankFileFormat.CSV, terms=terms)

    assert await states(commands, [payout]) == [PayoutState.APPROVED]
    assert await file_count(commands) == 0
