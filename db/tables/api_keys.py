"""Keys by which programs act for people, and the signatures that were used once."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, LargeBinary, Table, Text, Uuid
from sqlalchemy.orm import registry

from db.columns import SECRET, EnumText, Texts, id_column, instant_column
from db.registry import metadata
from domain.identity.api_key import ApiKey, ApiKeyKind
from domain.ids import IdKind

api_keys: Final = Table(
    "api_keys",
    metadata,
    id_column(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("kind", EnumText(ApiKeyKind), nullable=False),
    Column("label", Text, nullable=False),
    Column("networks", Texts, nullable=False),
    Column("sealed_secret", LargeBinary, nullable=False, info=SECRET),
    instant_column("created_at"),
    instant_column("last_used_at", nullable=True),
    instant_column("revoked_at", nullable=True),
    CheckConstraint("kind in ('MERCHANT', 'DEVELOPER')", name="kind"),
    info={"id_kind": IdKind.API_KEY},
)
Index("ix_api_keys_owner_created", api_keys.c.owner_id, api_keys.c.created_at)
Index("ix_api_keys_created", api_keys.c.created_at, api_keys.c.id)
Index("ix_api_keys_revoked", api_keys.c.revoked_at, postgresql_where=api_keys.c.revoked_at.is_not(None))

used_signatures: Final = Table(
    "used_signatures",
    metadata,
    Column("signature", LargeBinary, primary_key=True),
    instant_column("used_at"),
)
Index("ix_used_signatures_used", used_signatures.c.used_at)


def map_api_keys(mappers: registry) -> None:
    """Map keys."""
    mappers.map_imperatively(ApiKey, api_keys)
