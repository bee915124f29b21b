"""Persisted operations: what programs may run by an id, registered before they run it."""

from __future__ import annotations

import strawberry

from db.reads.operations import find_operation, operation_page
from domain.identity.roles import Permission
from domain.ids import IdKind, OperationId, decode_id
from domain.operations.checking import check_manifest
from domain.operations.errors import OperationNotFound
from domain.operations.operation import OperationFilter
from domain.operations.registering import register_operations
from domain.operations.retiring import activate_operation, retire_operation
from resolvers.context import Info
from resolvers.identity import user_id_of
from schema.access import SIGNED_IN, holders_or_developers
from schema.fields import mutation, query
from schema.operations import (
    OperationActivateInput,
    OperationActivatePayload,
    OperationFilterInput,
    OperationRetireInput,
    OperationRetirePayload,
    OperationsRegisterInput,
    OperationsRegisterPayload,
    PersistedOperation,
)
from schema.pages import Connection, scope_of

REGISTRARS = holders_or_developers(Permission.OPERATION_MANAGE)


@strawberry.type
class OperationQuery:
    """What can be asked of the registry."""

    @query(access=SIGNED_IN)
    async def operations(
        self, info: Info, filter: OperationFilterInput | None = None, first: int | None = None, after: str | None = None
    ) -> Connection[PersistedOperation]:
        """Registered operations, the newest first: those for everybody and your own, with operation:manage all."""
        wanted = visible_operations(info, filter or OperationFilterInput())
        cursors, scope = info.context.cursors, scope_of("operations", wanted)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await operation_page(connection, wanted=wanted, page=request)
        return Connection.of(page.map(PersistedOperation.of), cursors=cursors, scope=scope, request=request)

    @query(access=SIGNED_IN)
    async def operation(self, info: Info, id: strawberry.ID) -> PersistedOperation:
        """A registered operation that you may see."""
        actor, operation_id = info.context.actor, operation_id_of(id)
        async with info.context.database.read() as connection:
            found = await find_operation(connection, operation_id)
        is_visible = found is not None and found.owner_id in (None, actor.user)
        if found is None or not (is_visible or actor.may(Permission.OPERATION_MANAGE)):
            raise OperationNotFound
        return PersistedOperation.of(found)


@strawberry.type
class OperationMutation:
    """How operations come to run and cease to."""

    @mutation(access=REGISTRARS)
    async def operations_register(self, info: Info, input: OperationsRegisterInput) -> OperationsRegisterPayload:
        """Take a manifest: every operation checked, every id reckoned anew, all of it or nothing. Twice is once."""
        owner_id = user_id_of(input.owner_id, path=("ownerId",)) if input.owner_id else None
        manifest = await check_manifest(input.manifest, checker=info.context.registry.checker)
        async with info.context.unit_of_work() as uow:
            registration = await register_operations(uow, manifest=manifest, owner_id=owner_id, is_draft=input.is_draft)
        await info.context.registry.refresh()
        return OperationsRegisterPayload.of(registration)

    @mutation(access=REGISTRARS)
    async def operation_activate(self, info: Info, input: OperationActivateInput) -> OperationActivatePayload:
        """Let a draft run, or one that was retired, if it is valid for the schema of today."""
        async with info.context.unit_of_work() as uow:
            operation = await activate_operation(
                uow, operation_id=operation_id_of(input.id), checker=info.context.registry.checker
            )
        await info.context.registry.refresh()
        return OperationActivatePayload(operation=PersistedOperation.of(operation))

    @mutation(access=REGISTRARS)
    async def operation_retire(self, info: Info, input: OperationRetireInput) -> OperationRetirePayload:
        """Let an operation run no more. One that ran within the last 30 days is only retired by who says evenIfUsed."""
        async with info.context.unit_of_work() as uow:
            operation = await retire_operation(
                uow,
                operation_id=operation_id_of(input.id),
                reason=input.reason,
                even_if_used=input.even_if_used,
            )
        await info.context.registry.refresh()
        return OperationRetirePayload(operation=PersistedOperation.of(operation))


def operation_id_of(text: str) -> OperationId:
    """Read an operation's id.

    Raises:
        InvalidInput: it is none.
    """
    return OperationId(decode_id(IdKind.OPERATION, text))


def visible_operations(info: Info, given: OperationFilterInput) -> OperationFilter:
    """The filter, narrowed to what the caller may see.

    Raises:
        InvalidInput: the owner is no person's id.
        OperationNotFound: somebody else's, without the permission.
    """
    actor = info.context.actor
    owner_id = user_id_of(given.owner_id, path=("filter", "ownerId")) if given.owner_id else None
    if actor.may(Permission.OPERATION_MANAGE):
        return OperationFilter(state=given.state, owner_id=owner_id)
    if owner_id not in (None, actor.user_id):
        raise OperationNotFound
    return OperationFilter(state=given.state, owner_id=owner_id, visible_to=actor.user_id)
