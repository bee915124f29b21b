"""Files by which bank payouts leave, for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import insert, select

from db.tables.bank_files import bank_file_payments, bank_files
from db.transaction import Transaction
from db.work_queue import WorkQueue
from domain.ids import PayoutId, UserId
from domain.payouts.bank_file import BankFile, BankFileState, ClaimedBankFile
from domain.payouts.payout import Payout

_QUEUE: Final = WorkQueue(bank_files, waiting=BankFileState.WAITING, dead=BankFileState.DEAD)


class SqlBankFiles:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._now = transaction, now

    async def add(self, file: BankFile, payouts: list[Payout]) -> None:
        self._transaction.session.add(file)
        # The lines refer to its row.
        await self._transaction.flush()
        lines = [{"payout_id": payout.id, "file_id": file.id, "place": place} for place, payout in enumerate(payouts)]
        await self._transaction.session.execute(insert(bank_file_payments), lines)

    async def maker_of(self, payout_id: PayoutId) -> UserId | None:
        line = bank_file_payments.c
        whose = select(bank_files.c.made_by).join(bank_file_payments, line.file_id == bank_files.c.id)
        return await self._transaction.session.scalar(whose.where(line.payout_id == payout_id))

    async def claim_waiting(self, *, limit: int, lease_seconds: int) -> list[ClaimedBankFile]:
        session = self._transaction.session
        rows = await _QUEUE.claim(session, now=self._now, limit=limit, lease_seconds=lease_seconds)
        return [
            ClaimedBankFile(id=row.id, attempt=row.attempts, format=row.format, sealed_content=row.sealed_content)
            for row in rows
        ]

    async def note_stored(self, file: ClaimedBankFile) -> None:
        outcome = {"state": BankFileState.STORED, "sealed_content": None}
        await _QUEUE.finish(self._transaction.session, file.id, attempt=file.attempt, outcome=outcome)

    async def note_failed(self, file: ClaimedBankFile) -> None:
        await _QUEUE.postpone(self._transaction.session, file.id, attempt=file.attempt, now=self._now)
