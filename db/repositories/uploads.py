"""Stored files, for change."""

from __future__ import annotations

from datetime import datetime

from db.reads.uploads import stored
from db.transaction import Transaction
from domain.ids import UserId
from domain.uploads import Upload, UploadPurpose


class SqlUploads:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def stored_since(self, owner_id: UserId, since: datetime, *, purpose: UploadPurpose) -> int:
        return await self._transaction.session.scalar(stored(owner_id, since=since, purpose=purpose)) or 0

    async def add(self, upload: Upload) -> None:
        self._transaction.session.add(upload)
        # What shows the file refers to its row.
        await self._transaction.flush()
