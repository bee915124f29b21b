"""Bank files for show, and what is in them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.payouts import payout_of_row
from db.reads.rebuilding import rebuilt
from db.tables.bank_files import bank_file_payments, bank_files
from db.tables.payouts import payouts
from domain.ids import BankFileId
from domain.page import Page, PageRequest
from domain.payouts.bank_file import BankFile
from domain.payouts.payout import Payout

_NEWEST: Final = (bank_files.c.made_at.desc(), bank_files.c.id.desc())
_IN_ORDER: Final = (bank_file_payments.c.place.asc(),)


async def bank_file_by_id(connection: AsyncConnection, file_id: BankFileId) -> BankFile | None:
    """The file, if there is one."""
    row = (await connection.execute(select(bank_files).where(bank_files.c.id == file_id))).first()
    return _file(row) if row else None


async def bank_file_page(connection: AsyncConnection, *, page: PageRequest) -> Page[BankFile]:
    """All files, the newest first."""
    return (await keyset(connection, select(bank_files), order=_NEWEST, page=page)).map(_file)


async def payouts_in_file(connection: AsyncConnection, file_id: BankFileId, *, page: PageRequest) -> Page[Payout]:
    """The payouts of a file in its own order."""
    lines = (
        select(payouts)
        .join(bank_file_payments, bank_file_payments.c.payout_id == payouts.c.id)
        .where(bank_file_payments.c.file_id == file_id)
    )
    return (await keyset(connection, lines, order=_IN_ORDER, page=page)).map(payout_of_row)


def _file(row: Row[Any]) -> BankFile:
    return rebuilt(BankFile, row, bank_files, money="total")
