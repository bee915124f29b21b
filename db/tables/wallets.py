"""Whose wallet is whose; what is in it stands in the ledger."""

from __future__ import annotations

from typing import Final

from sqlalchemy import Column, ForeignKey, Table, Text, UniqueConstraint, Uuid

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from db.tables.ledger import ledger_accounts
from domain.ids import IdKind
from domain.money import Asset

wallets: Final = Table(
    "wallets",
    metadata,
    id_column(),
    # Checked at the commit: a person and their wallets are written together, in no certain order.
    Column("owner_id", Uuid, ForeignKey("users.id", deferrable=True, initially="DEFERRED"), nullable=False),
    Column("asset", EnumText(Asset), nullable=False),
    Column("account_path", Text, ForeignKey(ledger_accounts.c.path), nullable=False, unique=True),
    instant_column("opened_at"),
    UniqueConstraint("owner_id", "asset"),
    info={"id_kind": IdKind.WALLET},
)
