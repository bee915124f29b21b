"""A manifest is taken whole or not at all, and taken twice it is taken once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from domain.identity.actor import Actor
from domain.identity.roles import Permission
from domain.ids import OperationId, UserId, new_id
from domain.operations.checking import CheckedEntry, fault_of
from domain.operations.errors import ManifestRefused, OperationFaultKind, OperationNotFound, TooManyOperations
from domain.operations.events import OperationsRegistered
from domain.operations.operation import OperationState, PersistedOperation
from domain.unit_of_work import UnitOfWork

OWNED_MAX: Final = 2_000


@dataclass(frozen=True, slots=True)
class Registration:
    """What a manifest names, in its order, each document once; and how many of them were not registered before."""

    operations: tuple[PersistedOperation, ...]
    new_count: int


async def register_operations(
    uow: UnitOfWork, *, manifest: Sequence[CheckedEntry], owner_id: UserId | None, is_draft: bool
) -> Registration:
    """Keep what is new of a checked manifest, for one owner's programs or for everybody.

    What is registered already stays as it is, but for a draft that is no draft in this manifest: it becomes active.

    Raises:
        OperationNotFound: for somebody else, by who may register for themselves only.
        UserNotFound: there is no such owner.
        ManifestRefused: an operation of it was retired.
        TooManyOperations: the owner would have more than one may.
    """
    owner_id = owner_for(uow.actor, owner_id)
    if owner_id is not None:
        await uow.users.get(owner_id)
    wanted = {checked.entry.document_id: checked for checked in manifest}
    known = await uow.operations.known(wanted, owner_id=owner_id)
    _refuse_retired(manifest, known)
    new = [checked for id_, checked in wanted.items() if id_ not in known]
    if await uow.operations.count(owner_id=owner_id) + len(new) > OWNED_MAX:
        raise TooManyOperations
    for checked in new:
        made = _operation(uow, checked, owner_id, OperationState.DRAFT if is_draft else OperationState.ACTIVE)
        await uow.operations.add(made)
        known[made.document_id] = made
    for checked in manifest:
        known[checked.entry.document_id].learn_alias(checked.entry.alias, at=uow.now)
    for id_, operation in known.items():
        if operation.state is OperationState.DRAFT and not is_draft:
            uow.emit(operation.activate(cost=wanted[id_].document.cost, at=uow.now))
    uow.emit(OperationsRegistered(owner_id=owner_id, count=len(new)))
    return Registration(tuple(known[id_] for id_ in wanted), len(new))


def owner_for(actor: Actor, owner_id: UserId | None) -> UserId | None:
    """Whom an actor registers for: staff for whomever they say, a program for its own owner and nobody else.

    Raises:
        OperationNotFound: a program names somebody else.
    """
    if actor.may(Permission.OPERATION_MANAGE):
        return owner_id
    if owner_id not in (None, actor.user_id):
        raise OperationNotFound
    return actor.user_id


def _refuse_retired(manifest: Sequence[CheckedEntry], known: Mapping[str, PersistedOperation]) -> None:
    retired = {id_ for id_, operation in known.items() if operation.state is OperationState.RETIRED}
    faults = [
        fault_of(checked.entry, OperationFaultKind.RETIRED, "It was retired; activate it to use it again.")
        for checked in manifest
        if checked.entry.document_id in retired
    ]
    if faults:
        raise ManifestRefused(faults)


def _operation(
    uow: UnitOfWork, checked: CheckedEntry, owner_id: UserId | None, state: OperationState
) -> PersistedOperation:
    return PersistedOperation(
        id=OperationId(new_id()),
        document_id=checked.entry.document_id,
        aliases=(),
        name=checked.name,
        kind=checked.document.kind,
        body=checked.entry.body,
        owner_id=owner_id,
        state=state,
        cost=checked.document.cost,
        registered_by=uow.actor.signature,
        registered_at=uow.now,
        changed_at=uow.now,
    )
