"""Payments for show: one's own, and those that wait for finance."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Row, Select, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.checkouts import checkouts
from db.tables.mpesa import mpesa_requests
from db.tables.payments import OPEN, bank_transfers, payment_intents, top_ups
from db.tables.uploads import uploads
from domain.ids import PaymentId, UserId
from domain.page import Page, PageRequest
from domain.payments.bank_transfer import BankTransfer
from domain.payments.checkout import Checkout
from domain.payments.intent import PaymentIntent
from domain.payments.mpesa_request import MpesaRequest
from domain.uploads import Upload
from domain.wallets.shown_payment import ShownPayment
from domain.wallets.top_up import TopUp

_TABLES: Final = (bank_transfers, uploads, mpesa_requests, checkouts)
_NEWEST: Final = (payment_intents.c.created_at.desc(), payment_intents.c.id.desc())
_LONGEST_WAITING: Final = (bank_transfers.c.proved_at.asc(), bank_transfers.c.payment_id.asc())


async def payment_by_id(connection: AsyncConnection, payment_id: PaymentId) -> ShownPayment | None:
    """The payment, whoever's it is."""
    row = (await connection.execute(_payments().where(payment_intents.c.id == payment_id))).first()
    return _shown(row) if row else None


async def payments_by_ids(connection: AsyncConnection, ids: Collection[PaymentId]) -> dict[PaymentId, ShownPayment]:
    """Payments by id, whoever's they are."""
    rows = await connection.execute(_payments().where(payment_intents.c.id.in_(ids)))
    return {payment.intent.id: payment for payment in map(_shown, rows)}


async def payments_of(connection: AsyncConnection, payer_id: UserId, *, page: PageRequest) -> Page[ShownPayment]:
    """A person's payments, the newest first."""
    own = _payments().where(payment_intents.c.payer_id == payer_id)
    return (await keyset(connection, own, order=_NEWEST, page=page)).map(_shown)


async def proved_payments(connection: AsyncConnection, *, page: PageRequest) -> Page[ShownPayment]:
    """Open bank transfers with a proof, the one that waits longest first."""
    waiting = _payments().where(payment_intents.c.state.in_(OPEN), bank_transfers.c.proved_at.is_not(None))
    return (await keyset(connection, waiting, order=_LONGEST_WAITING, page=page)).map(_shown)


def _payments() -> Select[Any]:
    return (
        select(*payment_intents.c, *bank_transfers.c, *uploads.c, *mpesa_requests.c, *checkouts.c, *top_ups.c)
        .select_from(payment_intents)
        .outerjoin(bank_transfers, bank_transfers.c.payment_id == payment_intents.c.id)
        .outerjoin(uploads, uploads.c.id == bank_transfers.c.proof_id)
        .outerjoin(mpesa_requests, mpesa_requests.c.payment_id == payment_intents.c.id)
        .outerjoin(checkouts, checkouts.c.payment_id == payment_intents.c.id)
        .outerjoin(top_ups, top_ups.c.payment_id == payment_intents.c.id)
    )


def _shown(row: Row[Any]) -> ShownPayment:
    transfer, proof, prompt, checkout = (_part(row, table) for table in _TABLES)
    return ShownPayment(
        intent=rebuilt(PaymentIntent, row, payment_intents, money="amount"),
        bank_transfer=BankTransfer(**transfer) if transfer["payment_id"] else None,
        proof=Upload(**proof) if proof["id"] else None,
        mpesa=MpesaRequest(**prompt) if prompt["payment_id"] else None,
        checkout=Checkout(**checkout) if checkout["payment_id"] else None,
        top_up=rebuilt(TopUp, row, top_ups, money="result") if row._mapping[top_ups.c.payment_id] else None,
    )


def _part(row: Row[Any], table: Table) -> dict[str, Any]:
    return {column.name: row._mapping[column] for column in table.c}
