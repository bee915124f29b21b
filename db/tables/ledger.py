"""The ledger's tables. Rows are written by the functions of revision 0003, which `db.repositories.ledger` calls."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    LargeBinary,
    Sequence,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
)

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.ledger.account import AccountKind
from domain.ledger.codes import TransferCode
from domain.ledger.hold_state import HoldState
from domain.money import Asset

# A balance is `posted_minor` and, for hot accounts, the sum of what waits in `ledger_unfolded`.
ledger_accounts: Final = Table(
    "ledger_accounts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("kind", EnumText(AccountKind), nullable=False),
    Column("asset", EnumText(Asset), nullable=False),
    Column("posted_minor", BigInteger, nullable=False, server_default="0"),
    Column("held_minor", BigInteger, nullable=False, server_default="0"),
    Column("version", BigInteger, nullable=False, server_default="0"),
    instant_column("opened_at"),
    CheckConstraint("kind in ('WALLET', 'PAYABLE', 'REVENUE', 'HOUSE')", name="kind_known"),
    CheckConstraint("held_minor >= 0", name="held_not_negative"),
    CheckConstraint("kind = 'HOUSE' or posted_minor - held_minor >= 0", name="floor"),
)

ledger_transfers: Final = Table(
    "ledger_transfers",
    metadata,
    id_column(),
    Column("reference", Text, nullable=False, unique=True),
    Column("code", EnumText(TransferCode), nullable=False),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("note", Text),
    instant_column("at"),
    CheckConstraint("length(reference) between 1 and 200", name="reference_length"),
    CheckConstraint("length(note) <= 140", name="note_length"),
    info={"id_kind": IdKind.TRANSFER},
)

# `position` is the account's version where the account is kept under lock, else a number from the sequence. Only the
# former knows its balance when it is written.
ledger_entries: Final = Table(
    "ledger_entries",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("transfer_id", Uuid, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("balance_after", BigInteger),
    CheckConstraint("amount_minor <> 0", name="moves_something"),
)

# Amounts of hot accounts that are not in their snapshot yet. Rows and not "entries after the last one folded": the
# sequence is drawn before the commit, so a lower position may surface after a higher one was folded.
ledger_unfolded: Final = Table(
    "ledger_unfolded",
    metadata,
    Column("account_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("amount_minor", BigInteger, nullable=False),
)

ledger_holds: Final = Table(
    "ledger_holds",
    metadata,
    id_column(),
    Column("reference", Text, nullable=False, unique=True),
    Column("account_id", BigInteger, ForeignKey("ledger_accounts.id"), nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("code", EnumText(TransferCode), nullable=False),
    Column("state", EnumText(HoldState), nullable=False, server_default="HELD"),
    Column("balance_after", BigInteger, nullable=False),
    Column("transfer_id", Uuid),
    instant_column("held_at"),
    instant_column("expires_at"),
    instant_column("settled_at", nullable=True),
    UniqueConstraint("account_id", "position"),
    CheckConstraint("length(reference) between 1 and 200", name="reference_length"),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("state in ('HELD', 'CAPTURED', 'RELEASED', 'EXPIRED')", name="state_known"),
    CheckConstraint("(state = 'HELD') = (settled_at is null)", name="settled_once"),
    CheckConstraint("(state = 'CAPTURED') = (transfer_id is not null)", name="captured_by"),
    info={"id_kind": IdKind.HOLD},
)
Index("ix_ledger_holds_expires_at", ledger_holds.c.expires_at, postgresql_where=ledger_holds.c.state == HoldState.HELD)

ledger_positions: Final = Sequence("ledger_positions", metadata=metadata)
