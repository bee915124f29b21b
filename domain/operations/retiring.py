"""Operations begin to run and run no more."""

from __future__ import annotations

from domain.identity.actor import Actor
from domain.identity.blocking import stated
from domain.identity.roles import Permission
from domain.ids import OperationId
from domain.operations.errors import (
    FaultyDocument,
    ManifestRefused,
    OperationFault,
    OperationNotFound,
)
from domain.operations.operation import PersistedOperation
from domain.operations.ports import DocumentChecker
from domain.unit_of_work import UnitOfWork


async def activate_operation(
    uow: UnitOfWork, *, operation_id: OperationId, checker: DocumentChecker
) -> PersistedOperation:
    """Let a draft run, or one that was retired; it must be valid for the schema of today.

    Raises:
        OperationNotFound: no such operation, or somebody else's.
        OperationAlreadyActive: it runs already.
        ManifestRefused: the schema has changed since it was registered, and it is faulty now.
    """
    operation = await _own(uow, operation_id)
    try:
        checked = await checker.check(operation.body)
    except FaultyDocument as faulty:
        fault = OperationFault(
            kind=faulty.kind, operation_id=operation.document_id, name=operation.name, message=str(faulty)
        )
        raise ManifestRefused([fault]) from None
    uow.emit(operation.activate(cost=checked.cost, at=uow.now))
    return operation


async def retire_operation(
    uow: UnitOfWork, *, operation_id: OperationId, reason: str, even_if_used: bool
) -> PersistedOperation:
    """Let an operation run no more, at every process at once.

    Raises:
        InvalidInput: no reason.
        OperationNotFound: no such operation, or somebody else's.
        OperationAlreadyRetired: it is so already.
        OperationInUse: it ran within the last 30 days, and the caller does not say that they know.
    """
    reason = stated(reason)
    uow.because(reason)
    operation = await _own(uow, operation_id)
    uow.emit(operation.retire(reason=reason, even_if_used=even_if_used, at=uow.now))
    return operation


def may_decide(actor: Actor, operation: PersistedOperation) -> bool:
    """Staff about all, a program about its owner's."""
    is_own = operation.owner_id is not None and operation.owner_id == actor.user
    return is_own or actor.may(Permission.OPERATION_MANAGE)


async def _own(uow: UnitOfWork, operation_id: OperationId) -> PersistedOperation:
    operation = await uow.operations.get_for_update(operation_id)
    if not may_decide(uow.actor, operation):
        raise OperationNotFound
    return operation
