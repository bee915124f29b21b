"""Registered operations that tests start from, and the programs that run them."""

from __future__ import annotations

from domain.identity.actor import Actor
from domain.identity.api_key import ActingKey, ApiKeyKind
from domain.ids import ApiKeyId, UserId, new_id
from domain.operations.checking import CheckedEntry
from domain.operations.manifest import read_manifest
from domain.operations.operation import OperationKind
from domain.operations.ports import CheckedDocument
from domain.operations.registering import Registration, register_operations
from tests.commands import Commands


def key_of(owner: Actor, kind: ApiKeyKind) -> Actor:
    """A program of this person."""
    return Actor.by_key(ActingKey(ApiKeyId(new_id()), kind), owner.user_id, owner.roles)


async def register_unchecked(commands: Commands, manifest: object, *, owner_id: UserId | None = None) -> Registration:
    """A manifest as if every document of it had been checked and found to be the query Me."""
    checked = CheckedDocument(name="Me", kind=OperationKind.QUERY, cost=1)
    entries = [CheckedEntry(entry, checked) for entry in read_manifest(manifest)]
    async with commands.by_system() as uow:
        return await register_operations(uow, manifest=entries, owner_id=owner_id, is_draft=False)
