"""Payment intents, loaded for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select

from db.advisory_lock import take_turn
from db.tables.checkouts import checkouts
from db.tables.mpesa import mpesa_requests
from db.tables.payments import OPEN, bank_transfers, payment_intents
from db.transaction import Transaction
from domain.ids import PaymentId, UserId
from domain.payments.bank_transfer import BankTransfer
from domain.payments.checkout import ASK_UNTIL
from domain.payments.checkout_state import CheckoutState
from domain.payments.errors import PaymentNotFound, ReceiptAlreadyUsed
from domain.payments.intent import PaymentIntent, Receipt
from domain.payments.mpesa_request import PushState
from domain.payments.state import Rail
from domain.wallets.top_up import TopUp


class SqlPayments:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction = transaction
        self._now = now

    async def get_for_update(self, payment_id: PaymentId) -> PaymentIntent:
        # It may have been changed by this command already, and is read anew with the lock.
        await self._transaction.flush()
        intent = await self._transaction.session.get(PaymentIntent, payment_id, with_for_update=True)
        if intent is None:
            raise PaymentNotFound
        return intent

    async def add(self, intent: PaymentIntent) -> None:
        self._transaction.session.add(intent)
        # What belongs to the intent refers to its row.
        await self._transaction.flush()

    async def add_receipt(self, receipt: Receipt, *, at: datetime) -> bool:
        driver, key = self._transaction.driver, (receipt.rail.name, receipt.number)
        amount = receipt.amount
        kept = await driver.fetchval(_KEEP, *key, receipt.payment_id, amount.minor, amount.asset.name, at)
        if kept is None and await driver.fetchval(_WHOSE, *key) != receipt.payment_id:
            raise ReceiptAlreadyUsed
        return kept is not None

    async def payment_of_receipt(self, rail: Rail, number: str) -> PaymentId | None:
        whose = await self._transaction.driver.fetchval(_WHOSE, rail.name, number)
        return None if whose is None else PaymentId(whose)

    async def open_count(self, payer_id: UserId) -> int:
        await take_turn(self._transaction, f"payments:{payer_id}")
        columns = payment_intents.c
        counted = select(func.count()).where(columns.payer_id == payer_id, columns.state.in_(OPEN))
        return await self._transaction.session.scalar(counted) or 0

    async def overdue(self, *, limit: int) -> list[PaymentIntent]:
        columns = payment_intents.c
        is_proved = select(1).where(bank_transfers.c.payment_id == columns.id, bank_transfers.c.proof_id.is_not(None))
        # M-Pesa is asked, or about to be asked, what became of the prompt.
        prompt = mpesa_requests.c
        is_asked = select(1).where(
            prompt.payment_id == columns.id,
            or_(prompt.next_query_at.is_not(None), prompt.state == PushState.SENDING),
        )
        # What the payer has done already, an acquirer may still take.
        at_acquirer = checkouts.c
        is_under_way = select(1).where(
            at_acquirer.payment_id == columns.id,
            or_(
                at_acquirer.state == CheckoutState.PROCESSING,
                and_(at_acquirer.state == CheckoutState.APPROVED, at_acquirer.decline.is_(None)),
            ),
            columns.expires_at > self._now - ASK_UNTIL,
        )
        is_waited_for = or_(is_proved.exists(), is_asked.exists(), is_under_way.exists())
        is_over = (columns.state.in_(OPEN), columns.expires_at <= self._now, ~is_waited_for)
        due = select(PaymentIntent).where(*is_over).order_by(columns.expires_at).limit(limit)
        locked = list(await self._transaction.session.scalars(due.with_for_update(skip_locked=True)))
        # A proof that was committed between the statement's look and its lock is seen by a second look only.
        still = select(columns.id).where(columns.id.in_([intent.id for intent in locked]), *is_over)
        over = set(await self._transaction.session.scalars(still))
        return [intent for intent in locked if intent.id in over]

    async def bank_transfer(self, payment_id: PaymentId) -> BankTransfer:
        return await self._transaction.session.get_one(BankTransfer, payment_id)

    async def add_bank_transfer(self, transfer: BankTransfer) -> None:
        self._transaction.session.add(transfer)


class SqlTopUps:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def get(self, payment_id: PaymentId) -> TopUp:
        return await self._transaction.session.get_one(TopUp, payment_id)

    async def add(self, top_up: TopUp) -> None:
        self._transaction.session.add(top_up)


_KEEP: Final = """
    insert into payment_receipts (rail, number, payment_id, amount_minor, amount_asset, received_at)
    values ($1, $2, $3, $4, $5, $6) on conflict do nothing returning payment_id
"""
_WHOSE: Final = "select payment_id from payment_receipts where rail = $1 and number = $2"
