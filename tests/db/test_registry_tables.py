"""What the tables of keys and of registered operations refuse, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from db.tables.api_keys import api_keys, used_signatures
from db.tables.operations import persisted_operations
from domain.identity.api_key import ApiKeyKind
from domain.ids import new_id
from domain.operations.operation import OperationKind, OperationState
from tests.commands import Commands
from tests.makers.people import make_person


def operation(commands: Commands, **changes: Any) -> dict[str, Any]:
    made = {
        "id": new_id(),
        "document_id": f"sha256:{'0' * 64}",
        "aliases": (),
        "name": "Me",
        "kind": OperationKind.QUERY,
        "body": "query Me { viewer { id } }",
        "owner_id": None,
        "state": OperationState.ACTIVE,
        "cost": 1,
        "registered_by": "system",
        "registered_at": commands.now,
        "changed_at": commands.now,
        "retired_at": None,
        "retired_reason": None,
    }
    return made | changes


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({}, "uq_persisted_operations_document_id_owner_id"),
        ({"document_id": "me"}, "ck_persisted_operations_document_id"),
        ({"document_id": f"sha256:{'A' * 64}"}, "ck_persisted_operations_document_id"),
        ({"document_id": f"sha256:{'1' * 64}", "state": OperationState.RETIRED}, "ck_persisted_operations_retired_at"),
        (
            {"document_id": f"sha256:{'1' * 64}", "retired_reason": "Old"},
            "ck_persisted_operations_retired_says_why",
        ),
        ({"document_id": f"sha256:{'1' * 64}", "owner_id": new_id()}, "fk_persisted_operations_owner_id"),
    ],
)
async def test_a_document_is_registered_once_for_everybody_and_in_a_state_that_is_one(
    commands: Commands, changes: dict[str, Any], constraint: str
) -> None:
    async with commands.database.transaction() as connection:
        await connection.execute(insert(persisted_operations), [operation(commands)])

    with pytest.raises(IntegrityError, match=constraint):
        async with commands.database.transaction() as connection:
            await connection.execute(insert(persisted_operations), [operation(commands, **changes)])

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(persisted_operations)) == 1


async def test_two_owners_may_register_one_document(commands: Commands) -> None:
    owners = [(await make_person(commands)).user for _ in range(2)]

    async with commands.database.transaction() as connection:
        rows = [operation(commands, owner_id=owner) for owner in (None, *owners)]
        await connection.execute(insert(persisted_operations), rows)

    async with commands.database.read() as connection:
        assert await connection.scalar(select(func.count()).select_from(persisted_operations)) == 3


async def test_a_key_has_an_owner_and_a_signature_is_there_once(commands: Commands) -> None:
    key = {
        "id": new_id(),
        "owner_id": new_id(),
        "kind": ApiKeyKind.MERCHANT,
        "label": "Till",
        "networks": (),
        "sealed_secret": b"",
        "created_at": commands.now,
    }
    used = {"signature": bytes(32), "used_at": commands.now}

    with pytest.raises(IntegrityError, match="fk_api_keys_owner_id"):
        async with commands.database.transaction() as connection:
            await connection.execute(insert(api_keys), [key])
    with pytest.raises(IntegrityError, match="pk_used_signatures"):
        async with commands.database.transaction() as connection:
            await connection.execute(insert(used_signatures), [used, used])
