"""Payouts for show: one's own, and those that wait for finance."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.payouts import NOT_LEFT, OPEN, UNDER_WAY, payout_rail_pauses, payouts
from domain.ids import PayoutId, UserId
from domain.page import Page, PageRequest
from domain.payouts.payout import Payout
from domain.payouts.rail_pause import RailPause
from domain.payouts.state import PayoutRail

_NEWEST: Final = (payouts.c.requested_at.desc(), payouts.c.id.desc())
_LONGEST_WAITING: Final = (payouts.c.requested_at.asc(), payouts.c.id.asc())


async def payout_by_id(connection: AsyncConnection, payout_id: PayoutId) -> Payout | None:
    """The payout, whoever's it is."""
    row = (await connection.execute(select(payouts).where(payouts.c.id == payout_id))).first()
    return payout_of_row(row) if row else None


async def payouts_by_ids(connection: AsyncConnection, ids: Collection[PayoutId]) -> dict[PayoutId, Payout]:
    """Payouts by id, whoever's they are."""
    rows = await connection.execute(select(payouts).where(payouts.c.id.in_(ids)))
    return {row.id: payout_of_row(row) for row in rows}


async def payouts_of(connection: AsyncConnection, owner_id: UserId, *, page: PageRequest) -> Page[Payout]:
    """A person's payouts, the newest first."""
    own = select(payouts).where(payouts.c.owner_id == owner_id)
    return (await keyset(connection, own, order=_NEWEST, page=page)).map(payout_of_row)


async def payouts_at_the_bank(connection: AsyncConnection, *, limit: int) -> list[Payout]:
    """Payouts that left in a file and of which the bank has not told, the longest waiting first."""
    columns = payouts.c
    at_bank = select(payouts).where(columns.rail == PayoutRail.BANK_TRANSFER, columns.state.in_(UNDER_WAY))
    rows = await connection.execute(at_bank.order_by(*_LONGEST_WAITING).limit(limit))
    return [payout_of_row(row) for row in rows]


async def open_payouts(connection: AsyncConnection, *, page: PageRequest) -> Page[Payout]:
    """What finance has to do with: payouts that have not ended, and those that were given back and left nevertheless;
    the one that waits longest first.
    """
    waiting = select(payouts).where(or_(payouts.c.state.in_(OPEN), payouts.c.contradicted_by.is_not(None)))
    return (await keyset(connection, waiting, order=_LONGEST_WAITING, page=page)).map(payout_of_row)


async def standing_pauses(connection: AsyncConnection, *, at: datetime) -> list[RailPause]:
    """The rails that are left alone at this instant; there are few rails."""
    columns = payout_rail_pauses.c
    standing = select(payout_rail_pauses).where(or_(columns.ends_at.is_(None), columns.ends_at > at))
    rows = await connection.execute(standing.order_by(columns.rail).limit(len(PayoutRail)))
    return [RailPause(**row._mapping) for row in rows]


async def sealed_destinations(connection: AsyncConnection, ids: Collection[PayoutId]) -> dict[PayoutId, bytes]:
    """Where payouts go to, as it is kept."""
    columns = payouts.c
    rows = await connection.execute(select(columns.id, columns.sealed_destination).where(columns.id.in_(ids)))
    return {row.id: row.sealed_destination for row in rows}


@dataclass(frozen=True, slots=True)
class LetOut:
    """What a person's payouts are worth together, in millionths of a USDT, and how many of them they asked for."""

    value_minor: int
    asked: int


async def let_out_since(connection: AsyncConnection, owner_id: UserId, *, since: datetime) -> LetOut:
    """A person's payouts of after `since` that were not rejected, did not fail and did not come back."""
    columns = payouts.c
    summed = select(
        func.coalesce(func.sum(columns.value_minor), 0).label("value"),
        func.count().filter(not_(columns.is_by_rule)).label("asked"),
    ).where(columns.owner_id == owner_id, columns.requested_at > since, columns.state.not_in(NOT_LEFT))
    row = (await connection.execute(summed)).one()
    return LetOut(value_minor=int(row.value), asked=row.asked)


def payout_of_row(row: Row[Any]) -> Payout:
    """The payout that a whole row holds."""
    return rebuilt(Payout, row, payouts, money="amount")
