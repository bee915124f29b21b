"""Bank files are stored as they were made: a storage that is away or a worker that dies loses and doubles none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from db.reads.bank_files import bank_file_by_id
from domain.errors import GatewayFault
from domain.gateways import Gateways
from domain.identity.roles import Role
from domain.payouts.bank_file import BankFile, BankFileState
from domain.payouts.state import PayoutRail
from jobs.parts import Parts
from jobs.store_bank_files import LEASE_SECONDS, store_bank_files
from tests.commands import Commands
from tests.makers.conversion import observe
from tests.makers.payouts import approve, export, make_payee, make_payout
from tests.makers.people import make_person
from tests.makers.wallets import kes


class Killed(BaseException):
    """The worker dies."""


@dataclass
class Shelf:
    """A storage of the network, which may be away."""

    fault: BaseException | None = None
    files: dict[str, list[bytes]] = field(default_factory=dict)

    async def put(self, key: str, content: bytes, *, content_type: str) -> None:
        self.files.setdefault(key, []).append(content)
        if self.fault:
            raise self.fault

    async def link(self, key: str, *, content_type: str, seconds: int) -> str:
        return key


async def made(commands: Commands, gateways: Gateways) -> BankFile:
    await observe(commands)
    amina, clerk = await make_payee(commands, kes(1_000_000)), await make_person(commands, Role.FINANCE)
    await approve(
        commands, clerk, await make_payout(commands, gateways, amina, kes(100), rail=PayoutRail.BANK_TRANSFER)
    )
    return await export(commands, gateways, clerk)


async def stored(commands: Commands, file: BankFile) -> BankFile:
    async with commands.database.read() as connection:
        found = await bank_file_by_id(connection, file.id)
    assert found is not None
    return found


def on(parts: Parts, gateways: Gateways, shelf: Shelf) -> Parts:
    return replace(parts, sealer=gateways.sealer, storage=shelf)


async def test_it_is_stored_once_and_forgotten_here(commands: Commands, parts: Parts, gateways: Gateways) -> None:
    file, shelf = await made(commands, gateways), Shelf()

    for _ in range(3):
        await store_bank_files(on(parts, gateways, shelf))

    after = await stored(commands, file)
    assert (after.state, after.sealed_content, after.sha256) == (BankFileState.STORED, None, file.sha256)
    [contents] = shelf.files.values()
    assert [hashlib.sha256(content).hexdigest() for content in contents] == [file.sha256]


@pytest.mark.parametrize("fault", [GatewayFault("storage", None, "away"), Killed()])
async def test_after_a_fault_the_same_bytes_come_to_the_same_place(
    commands: Commands, parts: Parts, gateways: Gateways, fault: BaseException
) -> None:
    file, shelf = await made(commands, gateways), Shelf(fault=fault)

    if isinstance(fault, Killed):
        with pytest.raises(Killed):
            await store_bank_files(on(parts, gateways, shelf))
    else:
        await store_bank_files(on(parts, gateways, shelf))
    assert (await stored(commands, file)).state is BankFileState.WAITING
    shelf.fault = None
    commands.later(timedelta(seconds=LEASE_SECONDS))
    await store_bank_files(on(parts, gateways, shelf))

    assert (await stored(commands, file)).state is BankFileState.STORED
    [contents] = shelf.files.values()
    assert len(set(contents)) == 1
    assert hashlib.sha256(contents[0]).hexdigest() == file.sha256
