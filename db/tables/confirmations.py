"""What people were told by e-mail of their money: the key is what it was about."""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Table, Uuid
from sqlalchemy.orm import registry

from db.columns import EnumText, instant_column
from db.registry import metadata
from domain.confirmations.confirmation import ConfirmationKind

confirmations: Final = Table(
    "confirmations",
    metadata,
    Column("kind", EnumText(ConfirmationKind), primary_key=True),
    Column("subject_id", Uuid, primary_key=True),
    instant_column("told_at"),
    CheckConstraint("kind in ('PAYOUT', 'REFUND')", name="kind_known"),
)


def map_confirmations(mappers: registry) -> None:
    """What was told is rows; no entity is mapped to them."""
    assert confirmations.metadata is mappers.metadata, "it is spoken of as every other table is"
