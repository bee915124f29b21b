"""What providers called back, after it was taken in: what became of it stays, and what it said is forgotten."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Table, and_, not_, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from db.engine import Database
from db.tables.checkouts import acquirer_callbacks
from db.tables.mpesa import mpesa_callbacks
from db.tables.payments import OPEN as OPEN_PAYMENTS
from db.tables.payments import payment_intents
from db.tables.payouts import OPEN as OPEN_PAYOUTS
from db.tables.payouts import payouts

# To the letter as in the indexes of both tables, so that they are used.
_SAYS_SOMETHING: Final = text("state in ('TAKEN', 'REFUSED') and body <> ''")


async def empty_bodies(database: Database, *, before: datetime, limit: int) -> int:
    """Empty at most `limit` bodies of each table that came before this instant; answers how many."""
    async with database.transaction() as connection:
        by_phone = await _empty(connection, mpesa_callbacks, _of_ended(), before=before, limit=limit)
        by_acquirer = await _empty(connection, acquirer_callbacks, _of_no_open(), before=before, limit=limit)
    return by_phone + by_acquirer


async def _empty(
    connection: AsyncConnection, table: Table, may_go: ColumnElement[bool], *, before: datetime, limit: int
) -> int:
    columns = table.c
    old = (
        select(columns.id)
        .where(_SAYS_SOMETHING, columns.received_at < before, may_go)
        .order_by(columns.received_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await connection.execute(update(table).where(columns.id.in_(old)).values(body=b""))).rowcount


def _of_ended() -> ColumnElement[bool]:
    """Neither its payment nor its payout is still argued about."""
    callback, payment, payout = mpesa_callbacks.c, payment_intents.c, payouts.c
    is_open_payment = select(1).where(payment.id == callback.payment_id, payment.state.in_(OPEN_PAYMENTS))
    is_open = or_(payout.state.in_(OPEN_PAYOUTS), payout.contradicted_by.is_not(None))
    is_open_payout = select(1).where(payout.id == callback.payout_id, is_open)
    return and_(not_(is_open_payment.exists()), not_(is_open_payout.exists()))


def _of_no_open() -> ColumnElement[bool]:
    """No payment of its rail that it could be about is open: which one it was, only the body says."""
    callback, payment = acquirer_callbacks.c, payment_intents.c
    could_be = select(1).where(
        payment.state.in_(OPEN_PAYMENTS), payment.rail == callback.rail, payment.created_at <= callback.received_at
    )
    return not_(could_be.exists())
