"""Files by which bank payouts leave."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, Uuid
from sqlalchemy.orm import composite, registry

from db.columns import SECRET, EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.payouts.bank_file import BankFile, BankFileFormat, BankFileState

bank_files: Final = Table(
    "bank_files",
    metadata,
    id_column(),
    Column("format", EnumText(BankFileFormat), nullable=False),
    Column("total_minor", BigInteger, nullable=False),
    Column("total_asset", EnumText(Asset), nullable=False),
    Column("payments_count", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("size_bytes", Integer, nullable=False),
    Column("sealed_content", LargeBinary, info=SECRET),
    Column("made_by", Uuid, ForeignKey("users.id"), nullable=False),
    instant_column("made_at"),
    Column("state", EnumText(BankFileState), nullable=False),
    Column("attempts", Integer, nullable=False),
    instant_column("next_attempt_at"),
    instant_column("claimed_until", nullable=True),
    CheckConstraint("total_minor > 0 and payments_count > 0", name="not_empty"),
    CheckConstraint("length(sha256) = 64", name="sha256_whole"),
    CheckConstraint("state in ('WAITING', 'STORED', 'DEAD')", name="state_known"),
    CheckConstraint("(state = 'STORED') = (sealed_content is null)", name="kept_somewhere"),
    info={"id_kind": IdKind.BANK_FILE},
)
Index("ix_bank_files_made_at", bank_files.c.made_at, bank_files.c.id)
Index(
    "ix_bank_files_waiting",
    bank_files.c.next_attempt_at,
    postgresql_where=bank_files.c.state == BankFileState.WAITING,
)

# The key is the payout: it is in one file, for good.
bank_file_payments: Final = Table(
    "bank_file_payments",
    metadata,
    Column("payout_id", Uuid, ForeignKey("payouts.id"), primary_key=True),
    Column("file_id", Uuid, ForeignKey("bank_files.id"), nullable=False),
    Column("place", Integer, nullable=False),
)
Index("uq_bank_file_payments_place", bank_file_payments.c.file_id, bank_file_payments.c.place, unique=True)


def map_bank_files(mappers: registry) -> None:
    """Map bank files."""
    mappers.map_imperatively(
        BankFile,
        bank_files,
        properties={
            "_total_minor": bank_files.c.total_minor,
            "_total_asset": bank_files.c.total_asset,
            "total": composite(Money, bank_files.c.total_minor, bank_files.c.total_asset),
        },
    )
