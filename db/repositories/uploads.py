"""Stored files, for change."""

from __future__ import annotations

from db.transaction import Transaction
from domain.uploads import Upload


class SqlUploads:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def add(self, upload: Upload) -> None:
        self._transaction.session.add(upload)
        # What shows the file refers to its row.
        await self._transaction.flush()
