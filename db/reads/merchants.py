"""Merchants for show."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.tables.merchants import merchants, settlement_addresses
from domain.ids import MerchantId, UserId
from domain.merchants.merchant import Merchant, MerchantStatus
from domain.merchants.onboarding import MERCHANTS_MAX
from domain.merchants.settlement_address import SettlementAddress
from domain.page import Page, PageRequest

_NEWEST_ADDRESS: Final = (settlement_addresses.c.set_at.desc(), settlement_addresses.c.id.desc())
_LONGEST_WAITING: Final = (merchants.c.registered_at.asc(), merchants.c.id.asc())


async def merchants_by_ids(connection: AsyncConnection, ids: Collection[MerchantId]) -> dict[MerchantId, Merchant]:
    """Merchants by id, whatever their status."""
    return {
        row.id: _merchant(row) for row in await connection.execute(select(merchants).where(merchants.c.id.in_(ids)))
    }


async def merchants_of(connection: AsyncConnection, owner_id: UserId) -> list[Merchant]:
    """A person's merchants, the oldest first; at most five."""
    own = select(merchants).where(merchants.c.owner_id == owner_id).order_by(merchants.c.id).limit(MERCHANTS_MAX)
    return [_merchant(row) for row in await connection.execute(own)]


async def pending_merchants(connection: AsyncConnection, *, page: PageRequest) -> Page[Merchant]:
    """Those that nobody looked at yet, the one that waits longest first."""
    waiting = select(merchants).where(merchants.c.status == MerchantStatus.PENDING)
    return (await keyset(connection, waiting, order=_LONGEST_WAITING, page=page)).map(_merchant)


def _merchant(row: Row[Any]) -> Merchant:
    return Merchant(**{column.name: row._mapping[column.name] for column in merchants.c})


async def address_page(
    connection: AsyncConnection, merchant_id: MerchantId, *, page: PageRequest
) -> Page[SettlementAddress]:
    """Every address that was set for a merchant, the newest first."""
    known = select(settlement_addresses).where(settlement_addresses.c.merchant_id == merchant_id)
    return (await keyset(connection, known, order=_NEWEST_ADDRESS, page=page)).map(_address)


async def address_in_force(
    connection: AsyncConnection, merchant_id: MerchantId, *, at: datetime
) -> SettlementAddress | None:
    """Where a merchant is paid at this instant, if it said so."""
    columns = settlement_addresses.c
    holding = (
        select(settlement_addresses)
        .where(columns.merchant_id == merchant_id, columns.cancelled_at.is_(None), columns.in_force_at <= at)
        .order_by(columns.in_force_at.desc(), columns.id.desc())
        .limit(1)
    )
    row = (await connection.execute(holding)).first()
    return _address(row) if row else None


def _address(row: Row[Any]) -> SettlementAddress:
    return SettlementAddress(**{column.name: row._mapping[column.name] for column in settlement_addresses.c})
