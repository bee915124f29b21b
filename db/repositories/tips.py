"""Workers, their codes and tips, for change."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import asyncpg
from sqlalchemy import Select, and_, func, or_, select

from db.advisory_lock import take_turn
from db.changes import Note
from db.new_rows import added, as_driver_takes, inserting, new_row
from db.tables.payments import OPEN, payment_intents
from db.tables.tips import tip_qrs, tips, workers
from db.transaction import Transaction
from domain.geo import Point
from domain.ids import PaymentId, TipQrId, UserId, WorkerId
from domain.payments.state import PaymentState
from domain.tips.errors import TipQrNotFound, WorkerNotFound
from domain.tips.tip import Tip, TipState
from domain.tips.tip_qr import TipQr
from domain.tips.worker import Tipped, Worker


class SqlTips:
    """See the port."""

    def __init__(self, transaction: Transaction, *, now: datetime, note: Note) -> None:
        self._transaction, self._now, self._note = transaction, now, note

    async def find_worker_of(self, user_id: UserId) -> Worker | None:
        wanted = select(Worker).where(workers.c.user_id == user_id).with_for_update()
        found: Worker | None = await self._transaction.session.scalar(wanted)
        return found

    async def get_worker(self, worker_id: WorkerId) -> Worker:
        worker = await self._transaction.session.get(Worker, worker_id)
        if worker is None:
            raise WorkerNotFound
        return worker

    async def get_tipped(self, worker_id: WorkerId) -> Tipped:
        row = await self._transaction.driver.fetchrow(f"{_TIPPED} where w.id = $2", self._now, worker_id)
        if row is None:
            raise WorkerNotFound
        return _tipped(row)

    async def get_tipped_by_code(self, qr_id: TipQrId) -> tuple[TipQr, Tipped]:
        row = await self._transaction.driver.fetchrow(_TIPPED_BY_CODE, self._now, qr_id)
        if row is None:
            raise TipQrNotFound
        qr = TipQr(
            id=qr_id,
            worker_id=row["id"],
            amount_minor=row["amount_minor"],
            spot=row["spot"],
            made_at=row["made_at"],
            withdrawn_at=row["withdrawn_at"],
            version=row["qr_version"],
        )
        return qr, _tipped(row)

    async def add_worker(self, worker: Worker) -> None:
        self._transaction.session.add(worker)

    async def get_qr(self, qr_id: TipQrId) -> TipQr:
        return _found(await self._transaction.session.get(TipQr, qr_id))

    async def get_qr_by_short_code(self, short_code: str) -> TipQr:
        return _found(await self._transaction.session.scalar(_short(short_code)))

    async def has_short_code(self, short_code: str) -> bool:
        return await self._transaction.session.scalar(_short(short_code)) is not None

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
        row = new_row(tip, tips, money="amount")
        await self._transaction.driver.execute(_ADD, *as_driver_takes(row))
        self._note(added(tip.label, tips, row))

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


def _short(short_code: str) -> Select[TipQr]:
    return select(TipQr).where(tip_qrs.c.short_code == short_code)


def _found(qr: TipQr | None) -> TipQr:
    if qr is None:
        raise TipQrNotFound
    return qr


def _tipped(row: asyncpg.Record) -> Tipped:
    worker = Worker(
        id=row["id"],
        user_id=row["user_id"],
        name=row["name"],
        trade=row["trade"],
        place_name=row["place_name"],
        place=Point(row["latitude_e6"], row["longitude_e6"]),
        is_active=row["is_active"],
        registered_at=row["registered_at"],
        version=row["version"],
    )
    return Tipped(worker=worker, may_receive=row["may_receive"])


_ADD: Final = inserting(tips)
_WORKER: Final = """
    w.id, w.user_id, w.name, w.trade, w.place_name, w.latitude_e6, w.longitude_e6, w.is_active, w.registered_at,
    w.version, exists (select from wallets where owner_id = w.user_id and asset = 'KES')
    and not (u.status = 'BLOCKED' and (u.blocked_until is null or u.blocked_until > $1)) may_receive
"""
_TIPPED: Final = f"select {_WORKER} from workers w join users u on u.id = w.user_id"
_TIPPED_BY_CODE: Final = f"""
    select {_WORKER}, q.amount_minor, q.spot, q.made_at, q.withdrawn_at, q.version qr_version
    from tip_qrs q join workers w on w.id = q.worker_id join users u on u.id = w.user_id where q.id = $2
"""
_SCAN: Final = "insert into tip_scans (qr_id, at) values ($1, $2)"
