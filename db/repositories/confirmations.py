"""What people are told by e-mail of their money, for change."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, exists, literal, select
from sqlalchemy.dialects.postgresql import insert

from db.tables.confirmations import confirmations
from db.tables.identity import users
from db.tables.orders import orders
from db.tables.payouts import payouts
from db.tables.refunds import refunds
from db.transaction import Transaction
from domain.confirmations.confirmation import Confirmation, ConfirmationKind
from domain.ids import IdKind, encode_id
from domain.money import Money
from domain.payouts.state import PayoutState

_ID_KINDS: Final = {ConfirmationKind.PAYOUT: IdKind.PAYOUT, ConfirmationKind.REFUND: IdKind.REFUND}


class SqlConfirmations:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction, self._now = transaction, now

    async def take_due(self, *, since: datetime, limit: int) -> list[Confirmation]:
        found = [_confirmation(ConfirmationKind.PAYOUT, row) for row in await self._paid(since, limit)]
        found += [_confirmation(ConfirmationKind.REFUND, row) for row in await self._given_back(since, limit)]
        return [each for each in found if await self._is_first(each)]

    async def _is_first(self, confirmation: Confirmation) -> bool:
        # Whoever notes the same meanwhile waits here, and then has it no more.
        noted = (
            insert(confirmations)
            .values(kind=confirmation.kind, subject_id=confirmation.subject_id, told_at=self._now)
            .on_conflict_do_nothing()
            .returning(confirmations.c.subject_id)
        )
        return await self._transaction.session.scalar(noted) is not None

    async def _paid(self, since: datetime, limit: int) -> list[Row[Any]]:
        columns = payouts.c
        paid = (
            select(
                columns.id,
                columns.owner_id.label("user_id"),
                columns.amount_minor,
                columns.amount_asset,
                columns.receipt_number.label("detail"),
                columns.destination_hint.label("place"),
                literal(None).label("order_id"),
                columns.updated_at.label("happened_at"),
                users.c.email,
                users.c.language,
            )
            .join(users, users.c.id == columns.owner_id)
            .where(
                columns.state == PayoutState.PAID,
                columns.updated_at > since,
                ~_is_told(ConfirmationKind.PAYOUT, columns.id),
            )
            .order_by(columns.updated_at)
            .limit(limit)
        )
        return list((await self._transaction.session.execute(paid)).all())

    async def _given_back(self, since: datetime, limit: int) -> list[Row[Any]]:
        columns = refunds.c
        given = (
            select(
                columns.id,
                orders.c.buyer_id.label("user_id"),
                columns.amount_minor,
                columns.amount_asset,
                columns.reason.label("detail"),
                literal("").label("place"),
                columns.order_id,
                columns.made_at.label("happened_at"),
                users.c.email,
                users.c.language,
            )
            .join(orders, orders.c.id == columns.order_id)
            .join(users, users.c.id == orders.c.buyer_id)
            .where(columns.made_at > since, ~_is_told(ConfirmationKind.REFUND, columns.id))
            .order_by(columns.made_at)
            .limit(limit)
        )
        return list((await self._transaction.session.execute(given)).all())


def _is_told(kind: ConfirmationKind, subject: Any) -> Any:
    return exists().where(confirmations.c.kind == kind, confirmations.c.subject_id == subject)


def _confirmation(kind: ConfirmationKind, row: Row[Any]) -> Confirmation:
    return Confirmation(
        kind=kind,
        subject_id=row.id,
        about=encode_id(_ID_KINDS[kind], row.id),
        user_id=row.user_id,
        email=row.email,
        language=row.language,
        amount=Money(row.amount_minor, row.amount_asset),
        detail=row.detail,
        place=row.place if row.order_id is None else encode_id(IdKind.ORDER, row.order_id),
        happened_at=row.happened_at,
    )
