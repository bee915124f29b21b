"""Workers, their codes and tips, for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from sqlalchemy import and_, func, or_, select

from db.advisory_lock import take_turn
from db.tables.payments import OPEN, payment_intents
from db.tables.tips import tip_qrs, tips, workers
from db.transaction import Transaction
from domain.ids import PaymentId, TipQrId, UserId, WorkerId
from domain.payments.state import PaymentState
from domain.tips.errors import TipQrNotFound, WorkerNotFound
from domain.tips.tip import Tip, TipState
from domain.tips.tip_qr import TipQr
from domain.tips.worker import Worker


class SqlTips:
    """See the port."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def find_worker_of(self, user_id: UserId) -> Worker | None:
        wanted = select(Worker).where(workers.c.user_id == user_id).with_for_update()
        found: Worker | None = await self._transaction.session.scalar(wanted)
        return found

    async def get_worker(self, worker_id: WorkerId) -> Worker:
        worker = await self._transaction.session.get(Worker, worker_id)
        if worker is None:
            raise WorkerNotFound
        return worker

    async def add_worker(self, worker: Worker) -> None:
        self._transaction.session.add(worker)

    async def get_qr(self, qr_id: TipQrId) -> TipQr:
        return _found(await self._transaction.session.get(TipQr, qr_id))

    async def get_qr_for_update(self, qr_id: TipQrId) -> TipQr:
        return _found(await self._transaction.session.get(TipQr, qr_id, with_for_update=True))

    async def qr_count(self, worker_id: WorkerId) -> int:
        await take_turn(self._transaction, f"tip codes:{worker_id}")
        counted = select(func.count()).where(tip_qrs.c.worker_id == worker_id, tip_qrs.c.withdrawn_at.is_(None))
        return await self._transaction.session.scalar(counted) or 0

    async def add_qr(self, qr: TipQr) -> None:
        self._transaction.session.add(qr)

    async def note_scan(self, qr_id: TipQrId, *, at: datetime) -> None:
        await self._transaction.driver.execute(_SCAN, qr_id, at)

    async def add(self, tip: Tip) -> None:
        self._transaction.session.add(tip)

    async def get_promised_for_update(self, payment_id: PaymentId) -> Tip:
        promised = select(Tip).where(tips.c.payment_id == payment_id).with_for_update()
        return (await self._transaction.session.scalars(promised)).one()

    async def behind_their_payments(self, *, limit: int) -> list[tuple[Tip, PaymentState, str | None]]:
        payment = payment_intents.c
        is_behind = or_(
            and_(tips.c.state == TipState.CREATED, payment.state != PaymentState.REQUESTED),
            and_(tips.c.state == TipState.STK_SENT, payment.state.not_in(OPEN)),
        )
        behind = (
            select(Tip, payment.state, payment.failure)
            .join(payment_intents, payment.id == tips.c.payment_id)
            .where(is_behind)
            .order_by(tips.c.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=tips)
        )
        return [(row[0], row[1], row[2]) for row in await self._transaction.session.execute(behind)]


def _found(qr: TipQr | None) -> TipQr:
    if qr is None:
        raise TipQrNotFound
    return qr


_SCAN: Final = "insert into tip_scans (qr_id, at) values ($1, $2)"
