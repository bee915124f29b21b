"""Registered operations, loaded for change."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import ColumnElement, func, select

from db.advisory_lock import take_turn
from db.tables.operations import persisted_operations
from db.transaction import Transaction
from domain.ids import OperationId, UserId
from domain.operations.errors import OperationNotFound
from domain.operations.operation import OperationState, PersistedOperation


class SqlOperations:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction, self._session = transaction, transaction.session

    async def get_for_update(self, operation_id: OperationId) -> PersistedOperation:
        found = await self._session.get(PersistedOperation, operation_id, with_for_update=True, populate_existing=True)
        if found is None:
            raise OperationNotFound
        return found

    async def known(self, document_ids: Collection[str], *, owner_id: UserId | None) -> dict[str, PersistedOperation]:
        await take_turn(self._transaction, "operations")
        known = (
            select(PersistedOperation)
            .where(persisted_operations.c.document_id.in_(document_ids), _of(owner_id))
            .order_by(persisted_operations.c.id)
            .with_for_update()
        )
        return {operation.document_id: operation for operation in await self._session.scalars(known)}

    async def count(self, *, owner_id: UserId | None) -> int:
        kept = select(func.count()).where(_of(owner_id), persisted_operations.c.state != OperationState.RETIRED)
        return await self._session.scalar(kept) or 0

    async def add(self, operation: PersistedOperation) -> None:
        self._session.add(operation)


def _of(owner_id: UserId | None) -> ColumnElement[bool]:
    owner = persisted_operations.c.owner_id
    return owner.is_(None) if owner_id is None else owner == owner_id
