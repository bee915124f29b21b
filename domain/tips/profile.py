"""A worker's profile and codes."""

from __future__ import annotations

from typing import Final

from domain.errors import ConcurrentChange, VersionConflict
from domain.gateways import Gateways
from domain.geo import Point
from domain.ids import TipQrId, WorkerId, new_id
from domain.money import Money
from domain.text import line
from domain.tips.errors import TipQrNotFound, TipQrWithdrawn, TooManyTipQrs, WorkerAlreadyRegistered, WorkerNotFound
from domain.tips.giving import require_tip
from domain.tips.reading import read_code
from domain.tips.short_code import new_short_code
from domain.tips.tip_qr import TipQr
from domain.tips.worker import Worker
from domain.unit_of_work import UnitOfWork

NAME_MIN: Final = 2
NAME_MAX: Final = 80
SPOT_MAX: Final = 40
QRS_MAX: Final = 50
SHORT_CODE_TRIES: Final = 8


async def register_worker(uow: UnitOfWork, *, name: str, trade: str, place_name: str, place: Point) -> Worker:
    """Be found by those who tip.

    Raises:
        InvalidInput: a name, trade or place is too short or too long.
        WorkerAlreadyRegistered: the actor is a worker already.
    """
    if await uow.tips.find_worker_of(uow.actor.user_id) is not None:
        raise WorkerAlreadyRegistered
    worker = Worker(
        id=WorkerId(new_id()),
        user_id=uow.actor.user_id,
        name=line(name, path=("name",), shortest=NAME_MIN, longest=NAME_MAX),
        trade=line(trade, path=("trade",), shortest=NAME_MIN, longest=NAME_MAX),
        place_name=line(place_name, path=("placeName",), shortest=NAME_MIN, longest=NAME_MAX),
        place=place,
        registered_at=uow.now,
    )
    await uow.tips.add_worker(worker)
    return worker


async def switch_worker(uow: UnitOfWork, *, is_active: bool, expected_version: int | None = None) -> Worker:
    """Take tips, or none for a while; the codes stay.

    Raises:
        WorkerNotFound: the actor is no worker.
        VersionConflict: it was changed since the caller read it.
    """
    worker = await _own(uow)
    if expected_version not in (None, worker.version):
        raise VersionConflict(worker.version)
    worker.is_active = is_active
    worker.version += 1
    return worker


async def make_tip_qr(uow: UnitOfWork, *, amount: Money | None, spot: str | None) -> TipQr:
    """A code for a card: with an amount or a spot it is dynamic.

    Raises:
        WorkerNotFound: the actor is no worker.
        InvalidInput: no amount that can be tipped, or a long spot.
        TooManyTipQrs: the worker has fifty.
        ConcurrentChange: no free short code was found, which chance will not repeat.
    """
    worker = await _own(uow)
    if amount is not None:
        require_tip(amount)
    where = line(spot, path=("spot",), shortest=1, longest=SPOT_MAX) if spot is not None else None
    if await uow.tips.qr_count(worker.id) >= QRS_MAX:
        raise TooManyTipQrs
    qr = TipQr(
        id=TipQrId(new_id()),
        worker_id=worker.id,
        amount_minor=amount.minor if amount else None,
        spot=where,
        short_code=await _free_short_code(uow),
        made_at=uow.now,
    )
    await uow.tips.add_qr(qr)
    return qr


async def withdraw_tip_qr(uow: UnitOfWork, *, qr_id: TipQrId, expected_version: int | None = None) -> TipQr:
    """Make a code worth nothing, for example of a lost card.

    Raises:
        WorkerNotFound, TipQrNotFound: no such code of the actor.
        VersionConflict: it was changed since the caller read it.
        TipQrWithdrawn: it was withdrawn before.
    """
    worker = await _own(uow)
    qr = await uow.tips.get_qr_for_update(qr_id)
    if qr.worker_id != worker.id:
        raise TipQrNotFound
    if expected_version not in (None, qr.version):
        raise VersionConflict(qr.version)
    if qr.withdrawn_at is not None:
        raise TipQrWithdrawn
    qr.withdrawn_at = uow.now
    qr.version += 1
    return qr


async def resolve_tip_qr(uow: UnitOfWork, gateways: Gateways, *, token: str) -> tuple[TipQr, Worker]:
    """Whose code it is, for whoever read it; the reading is counted.

    Raises:
        TipQrNotFound: it is none of ours, or was altered.
        TipQrWithdrawn: its worker took it back.
    """
    qr = await read_code(uow, gateways, token)
    if qr.withdrawn_at is not None:
        raise TipQrWithdrawn
    await uow.tips.note_scan(qr.id, at=uow.now)
    return qr, await uow.tips.get_worker(qr.worker_id)


async def _free_short_code(uow: UnitOfWork) -> str:
    for _ in range(SHORT_CODE_TRIES):
        short_code = new_short_code()
        if not await uow.tips.has_short_code(short_code):
            return short_code
    raise ConcurrentChange


async def _own(uow: UnitOfWork) -> Worker:
    worker = await uow.tips.find_worker_of(uow.actor.user_id)
    if worker is None:
        raise WorkerNotFound
    return worker
