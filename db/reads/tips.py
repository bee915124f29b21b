"""Workers near a place, their codes, and what their tips come to."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, Select, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from db.columns import Instant
from db.reads.paging import keyset
from db.reads.rebuilding import rebuilt
from db.tables.tips import tip_qrs, tip_scans, tips, workers
from domain.geo import Point
from domain.ids import TipId, TipQrId, UserId, WorkerId
from domain.money import Asset, Money
from domain.page import Page, PageRequest
from domain.tips.figures import TipDay, TipQrFigures, TipQrPlace
from domain.tips.tip import Tip, TipState
from domain.tips.tip_qr import TipQr
from domain.tips.worker import Worker

NEAR_MAX: Final = 50
PLACES_MAX: Final = 50
_NEWEST: Final = (tips.c.given_at.desc(), tips.c.id.desc())
_PAID: Final = tips.c.state == TipState.PAID
_NEWEST_QR: Final = (tip_qrs.c.made_at.desc(), tip_qrs.c.id.desc())
# A box that surely holds the circle, found by the index; then the way along the earth, by the haversine.
_NEAR: Final = text(
    """
    with here as (
        select cast(:latitude as double precision) / 1e6 as lat, cast(:longitude as double precision) / 1e6 as lng,
               cast(:metres as double precision) as radius
    ), reach as (
        select here.*, radius / 111000 as dlat,
               least(180, radius / (111000 * greatest(0.01, cos(radians(lat))))) as dlng from here
    ), found as (
        select workers.*, 2 * 6371000 * asin(sqrt(
            power(sin(radians(latitude_e6 / 1e6 - lat) / 2), 2)
            + cos(radians(lat)) * cos(radians(latitude_e6 / 1e6)) * power(sin(radians(longitude_e6 / 1e6 - lng) / 2), 2)
        )) as metres, radius
        from workers, reach
        where is_active and location <@ box(point(lng - dlng, lat - dlat), point(lng + dlng, lat + dlat))
    )
    select id, user_id, name, trade, place_name, latitude_e6, longitude_e6, is_active, registered_at, version,
           cast(metres as integer) as metres
    from found where metres <= radius order by metres, id limit :most
    """
)


async def workers_near(
    connection: AsyncConnection, place: Point, *, metres: int, most: int
) -> list[tuple[Worker, int]]:
    """Active workers within a circle, the nearest first, each with its distance in metres."""
    values = {"latitude": place.latitude_e6, "longitude": place.longitude_e6, "metres": metres, "most": most}
    rows = await connection.execute(_NEAR, values)
    return [(_worker(row._mapping), row.metres) for row in rows]


async def workers_by_ids(connection: AsyncConnection, ids: Collection[WorkerId]) -> dict[WorkerId, Worker]:
    """Workers by id, those who take a break too."""
    rows = await connection.execute(select(workers).where(workers.c.id.in_(ids)))
    return {row.id: _worker(row._mapping) for row in rows}


async def worker_of(connection: AsyncConnection, user_id: UserId) -> Worker | None:
    """The person's profile, if there is one."""
    row = (await connection.execute(select(workers).where(workers.c.user_id == user_id))).first()
    return _worker(row._mapping) if row else None


async def tips_of_worker(connection: AsyncConnection, worker_id: WorkerId, *, page: PageRequest) -> Page[Tip]:
    """What a worker was given, the newest first."""
    return (
        await keyset(connection, select(tips).where(tips.c.worker_id == worker_id, _PAID), order=_NEWEST, page=page)
    ).map(_tip)


async def tips_of_giver(connection: AsyncConnection, giver_id: UserId, *, page: PageRequest) -> Page[Tip]:
    """What a person gave or promised, the newest first."""
    return (await keyset(connection, select(tips).where(tips.c.giver_id == giver_id), order=_NEWEST, page=page)).map(
        _tip
    )


async def tip_by_id(connection: AsyncConnection, tip_id: TipId) -> Tip | None:
    """The tip, whoever's it is."""
    row = (await connection.execute(select(tips).where(tips.c.id == tip_id))).first()
    return _tip(row) if row else None


async def tips_by_ids(connection: AsyncConnection, ids: Collection[TipId]) -> list[Tip]:
    """Tips by id, whoever's they are."""
    return [_tip(row) for row in await connection.execute(select(tips).where(tips.c.id.in_(ids)))]


async def qrs_by_ids(connection: AsyncConnection, ids: Collection[TipQrId]) -> list[TipQr]:
    """Codes by id, whoever's they are."""
    return [_qr(row) for row in await connection.execute(select(tip_qrs).where(tip_qrs.c.id.in_(ids)))]


async def qrs_of_worker(connection: AsyncConnection, worker_id: WorkerId, *, page: PageRequest) -> Page[TipQr]:
    """A worker's codes, the newest first, withdrawn ones too."""
    own = select(tip_qrs).where(tip_qrs.c.worker_id == worker_id)
    return (await keyset(connection, own, order=_NEWEST_QR, page=page)).map(_qr)


async def qr_by_id(connection: AsyncConnection, qr_id: TipQrId) -> TipQr | None:
    """The code, whoever's it is."""
    row = (await connection.execute(select(tip_qrs).where(tip_qrs.c.id == qr_id))).first()
    return _qr(row) if row else None


async def tip_days(
    connection: AsyncConnection, worker_id: WorkerId, *, since: datetime, until: datetime
) -> list[TipDay]:
    """A worker's tips by day in UTC, days without any left out."""
    day = func.date_trunc("day", tips.c.given_at, "UTC", type_=Instant())
    counted = (
        select(day.label("begins_at"), func.count().label("tips"), func.sum(tips.c.amount_minor).label("minor"))
        .where(tips.c.worker_id == worker_id, _PAID, tips.c.given_at >= since, tips.c.given_at < until)
        .group_by(day)
        .order_by(day)
    )
    return [_day(row) for row in await connection.execute(counted)]


async def qr_figures(connection: AsyncConnection, worker_id: WorkerId, *, qr_id: TipQrId | None) -> TipQrFigures:
    """How a worker's codes are used, or one of them; the fifty spots that are read most."""
    codes = select(tip_qrs.c.id).where(tip_qrs.c.worker_id == worker_id)
    if qr_id is not None:
        codes = codes.where(tip_qrs.c.id == qr_id)
    scans = await _by_hour(connection, tip_scans, tip_scans.c.at, codes)
    given = await _by_hour(connection, tips, tips.c.given_at, codes, _PAID)
    total = await connection.scalar(select(func.sum(tips.c.amount_minor)).where(tips.c.qr_id.in_(codes), _PAID))
    return TipQrFigures(
        scans=sum(scans),
        tips=sum(given),
        total=Money(int(total or 0), Asset.KES),
        scans_by_hour=scans,
        tips_by_hour=given,
        by_place=await _by_place(connection, codes),
    )


async def _by_hour(
    connection: AsyncConnection, table: Any, at: Any, codes: Select[Any], *only: ColumnElement[bool]
) -> tuple[int, ...]:
    hour = func.extract("hour", func.timezone("UTC", at))
    rows = await connection.execute(
        select(hour.label("hour"), func.count()).where(table.c.qr_id.in_(codes), *only).group_by(hour)
    )
    counted = {int(row[0]): int(row[1]) for row in rows}
    return tuple(counted.get(each, 0) for each in range(24))


async def _by_place(connection: AsyncConnection, codes: Select[Any]) -> tuple[TipQrPlace, ...]:
    read = select(tip_scans.c.qr_id, func.count().label("scans")).group_by(tip_scans.c.qr_id)
    reading = read.where(tip_scans.c.qr_id.in_(codes)).subquery()
    came = select(tips.c.qr_id, func.count().label("tips"), func.sum(tips.c.amount_minor).label("minor"))
    coming = came.where(tips.c.qr_id.in_(codes), _PAID).group_by(tips.c.qr_id).subquery()
    scans = func.coalesce(func.sum(reading.c.scans), 0).label("scans")
    by_spot = (
        select(
            tip_qrs.c.spot,
            func.count().label("codes"),
            scans,
            func.coalesce(func.sum(coming.c.tips), 0).label("tips"),
            func.coalesce(func.sum(coming.c.minor), 0).label("minor"),
        )
        .select_from(tip_qrs)
        .outerjoin(reading, reading.c.qr_id == tip_qrs.c.id)
        .outerjoin(coming, coming.c.qr_id == tip_qrs.c.id)
        .where(tip_qrs.c.id.in_(codes))
        .group_by(tip_qrs.c.spot)
        .order_by(scans.desc(), tip_qrs.c.spot)
        .limit(PLACES_MAX)
    )
    return tuple(
        TipQrPlace(
            spot=row.spot,
            codes=row.codes,
            scans=int(row.scans),
            tips=int(row.tips),
            total=Money(int(row.minor), Asset.KES),
        )
        for row in await connection.execute(by_spot)
    )


def _day(row: Row[Any]) -> TipDay:
    return TipDay(begins_at=row.begins_at, tips=row.tips, total=Money(int(row.minor), Asset.KES))


def _worker(row: Any) -> Worker:
    names = ("id", "user_id", "name", "trade", "place_name", "is_active", "registered_at", "version")
    return Worker(**{name: row[name] for name in names}, place=Point(row["latitude_e6"], row["longitude_e6"]))


def _tip(row: Row[Any]) -> Tip:
    return rebuilt(Tip, row, tips, money="amount")


def _qr(row: Row[Any]) -> TipQr:
    return TipQr(**{column.name: row._mapping[column.name] for column in tip_qrs.c})
