"""Payments by acquirers for show: what their payers need, and disputes."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.checkouts import checkouts, payment_disputes
from domain.ids import PaymentId
from domain.page import Page, PageRequest
from domain.payments.dispute import Dispute

_NEWEST: Final = (payment_disputes.c.opened_at.desc(), payment_disputes.c.id.desc())


async def sealed_checkouts(
    connection: AsyncConnection, ids: Collection[PaymentId]
) -> dict[PaymentId, tuple[bytes | None, bytes | None]]:
    """Secrets and addresses, as they are kept."""
    columns = checkouts.c
    asked = select(columns.payment_id, columns.sealed_secret, columns.sealed_url).where(columns.payment_id.in_(ids))
    return {row.payment_id: (row.sealed_secret, row.sealed_url) for row in await connection.execute(asked)}


async def disputes_noted(connection: AsyncConnection, *, page: PageRequest) -> Page[Dispute]:
    """Every dispute, the newest first."""
    noted = await keyset(connection, select(payment_disputes), order=_NEWEST, page=page)
    return noted.map(lambda row: rebuilt(Dispute, row, payment_disputes, money="amount"))
