"""Bank files as finance sees and makes them."""

from __future__ import annotations

from datetime import datetime
from typing import Self

import strawberry

from domain.ids import UserId
from domain.money import Asset
from domain.payouts.bank_file import BankFile as MadeFile
from domain.payouts.bank_file import BankFileFormat, BankFileState
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.identity import User
from schema.money import Money
from schema.node import Node
from schema.uploads import LINK_SECONDS

strawberry.enum(BankFileFormat, description="How a bank file is written; more may come.")
strawberry.enum(BankFileState, description="Where a bank file is.")


@strawberry.type
class BankFile(Node):
    """Approved bank payouts of one asset, as the market's bank reads them. It never changes."""

    made_by_key: strawberry.Private[UserId]
    key: strawberry.Private[str]

    format: BankFileFormat
    """How it is written."""
    total: Money
    """What its payouts are together."""
    payments_count: int
    """How many they are, 1 to 200."""
    sha256: str
    """The digest of its bytes, in hexadecimal digits: a copy that was altered has another."""
    size_bytes: int
    """How long it is."""
    made_by: User = edge(key="made_by_key", loader="user")
    """Who exported it."""
    made_at: datetime
    """When."""
    state: BankFileState
    """Where it is: made files are stored within seconds."""

    @classmethod
    def of(cls, file: MadeFile) -> Self:
        """Of a file that the caller may see, which was asked before."""
        return cls(
            id=strawberry.ID(file.label),
            made_by_key=file.made_by,
            key=file.key,
            format=file.format,
            total=Money.of(file.total),
            payments_count=file.payments_count,
            sha256=file.sha256,
            size_bytes=file.size_bytes,
            made_at=file.made_at,
            state=file.state,
        )

    @query(access=SIGNED_IN)
    async def link(self, info: Info) -> str | None:
        """An address that reads it for five minutes, whoever has it; one that begins with / is of this API. Null until
        it is stored.
        """
        if self.state is not BankFileState.STORED:
            return None
        content_type = self.format.content_type
        address: str = await info.context.storage.link(self.key, content_type=content_type, seconds=LINK_SECONDS)
        return address


@strawberry.input
class BankFileCreateInput:
    """Which approved payouts leave together, and how the file is written."""

    asset: Asset
    """Payouts in this asset."""
    format: BankFileFormat = BankFileFormat.PAIN_001
    """What the bank reads."""
    idempotency_key: str
    """Your name for this file, 1 to 255 printable characters; sent again, it is the same file."""


@strawberry.type
class BankFileCreatePayload(Payload):
    """The file, whose payouts are under way from now on."""

    file: BankFile | None = None
    """Null when it was refused."""
