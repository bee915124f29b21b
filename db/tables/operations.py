"""Operations that clients registered."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid
from sqlalchemy.orm import registry

from db.columns import EnumText, Texts, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.operations.operation import OperationKind, OperationState, PersistedOperation

persisted_operations: Final = Table(
    "persisted_operations",
    metadata,
    id_column(),
    Column("document_id", Text, nullable=False),
    Column("aliases", Texts, nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", EnumText(OperationKind), nullable=False),
    # Not in the audit trail: the document's id says which text it is.
    Column("body", Text, nullable=False, info={"audit": "bulky"}),
    Column("owner_id", Uuid, ForeignKey("users.id")),
    Column("state", EnumText(OperationState), nullable=False),
    Column("cost", Integer, nullable=False),
    Column("registered_by", Text, nullable=False),
    instant_column("registered_at"),
    instant_column("changed_at"),
    instant_column("first_used_at", nullable=True),
    instant_column("last_used_at", nullable=True),
    instant_column("retired_at", nullable=True),
    Column("retired_reason", Text),
    UniqueConstraint("document_id", "owner_id", postgresql_nulls_not_distinct=True),
    CheckConstraint("kind in ('QUERY', 'MUTATION', 'SUBSCRIPTION')", name="kind"),
    CheckConstraint("state in ('DRAFT', 'ACTIVE', 'RETIRED')", name="state"),
    CheckConstraint("(state = 'RETIRED') = (retired_at is not null)", name="retired_at"),
    CheckConstraint("(retired_at is null) = (retired_reason is null)", name="retired_says_why"),
    CheckConstraint("document_id ~ '^sha256:[0-9a-f]{64}$'", name="document_id"),
    info={"id_kind": IdKind.OPERATION},
)
Index("ix_persisted_operations_registered", persisted_operations.c.registered_at, persisted_operations.c.id)
Index("ix_persisted_operations_owner", persisted_operations.c.owner_id, persisted_operations.c.registered_at)
Index("ix_persisted_operations_changed", persisted_operations.c.changed_at)
Index("ix_persisted_operations_aliases", persisted_operations.c.aliases, postgresql_using="gin")


def map_operations(mappers: registry) -> None:
    """Map registered operations."""
    mappers.map_imperatively(PersistedOperation, persisted_operations)
