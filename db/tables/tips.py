"""Workers, their codes, and what they were given."""

from __future__ import annotations

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Table,
    Text,
    Uuid,
    and_,
)
from sqlalchemy.orm import composite, registry
from sqlalchemy.types import UserDefinedType

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.geo import Point
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.tips.tip import Tip, TipState
from domain.tips.tip_qr import TipQr
from domain.tips.worker import Worker


class PlanePoint(UserDefinedType[str]):
    """PostgreSQL's own point, longitude first, which its index finds by boxes."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """The type's name."""
        return "point"


workers: Final = Table(
    "workers",
    metadata,
    id_column(),
    Column("user_id", Uuid, ForeignKey("users.id"), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("trade", Text, nullable=False),
    Column("place_name", Text, nullable=False),
    Column("latitude_e6", Integer, nullable=False),
    Column("longitude_e6", Integer, nullable=False),
    Column(
        "location", PlanePoint, Computed("point(longitude_e6 / 1e6, latitude_e6 / 1e6)", persisted=True), nullable=False
    ),
    Column("is_active", Boolean, nullable=False),
    instant_column("registered_at"),
    Column("version", Integer, nullable=False),
    CheckConstraint("abs(latitude_e6) <= 90000000 and abs(longitude_e6) <= 180000000", name="on_earth"),
    info={"id_kind": IdKind.WORKER},
)
Index("ix_workers_location", workers.c.location, postgresql_using="gist")

tip_qrs: Final = Table(
    "tip_qrs",
    metadata,
    id_column(),
    Column("worker_id", Uuid, ForeignKey("workers.id"), nullable=False),
    Column("amount_minor", BigInteger),
    Column("spot", Text),
    Column("short_code", Text, unique=True),
    instant_column("made_at"),
    instant_column("withdrawn_at", nullable=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("short_code ~ '^[0-9]{9}$'", name="short_code_digits"),
    info={"id_kind": IdKind.TIP_QR},
)
Index("ix_tip_qrs_worker", tip_qrs.c.worker_id, tip_qrs.c.made_at, tip_qrs.c.id)

tip_scans: Final = Table(
    "tip_scans",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("qr_id", Uuid, ForeignKey("tip_qrs.id"), nullable=False),
    instant_column("at"),
)
Index("ix_tip_scans_qr_id", tip_scans.c.qr_id, tip_scans.c.at)

tips: Final = Table(
    "tips",
    metadata,
    id_column(),
    Column("giver_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("worker_id", Uuid, ForeignKey("workers.id"), nullable=False),
    Column("worker_user_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("qr_id", Uuid, ForeignKey("tip_qrs.id")),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    Column("note", Text),
    Column("state", EnumText(TipState), nullable=False),
    Column("payment_id", Uuid, ForeignKey("payment_intents.id"), unique=True),
    Column("payout_id", Uuid, ForeignKey("payouts.id")),
    Column("failure", Text),
    instant_column("given_at"),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("giver_id <> worker_user_id", name="given_to_another"),
    CheckConstraint("state in ('CREATED', 'STK_SENT', 'PAID', 'CANCELLED', 'FAILED', 'EXPIRED')", name="state_known"),
    CheckConstraint("state = 'PAID' or payment_id is not null", name="unpaid_has_payment"),
    CheckConstraint("(state = 'FAILED') = (failure is not null)", name="failed_says_why"),
    CheckConstraint("payout_id is null or state = 'PAID'", name="paid_out_when_paid"),
    info={"id_kind": IdKind.TIP},
)
Index(
    "ix_tips_staying",
    tips.c.worker_id,
    tips.c.given_at,
    tips.c.id,
    postgresql_where=and_(tips.c.state == TipState.PAID, tips.c.payout_id.is_(None)),
)
Index("ix_tips_payout_id", tips.c.payout_id, postgresql_where=tips.c.payout_id.is_not(None))
Index(
    "ix_tips_waiting",
    tips.c.id,
    postgresql_where=tips.c.state.in_((TipState.CREATED, TipState.STK_SENT)),
)
Index("ix_tips_worker", tips.c.worker_id, tips.c.given_at, tips.c.id)
Index("ix_tips_giver", tips.c.giver_id, tips.c.given_at, tips.c.id)
Index("ix_tips_qr_id", tips.c.qr_id, postgresql_where=tips.c.qr_id.is_not(None))


def map_tips(mappers: registry) -> None:
    """Map workers, codes and tips; readings are rows of the driver."""
    mappers.map_imperatively(
        Worker,
        workers,
        version_id_col=workers.c.version,
        version_id_generator=False,
        exclude_properties=("location",),
        properties={
            "_latitude_e6": workers.c.latitude_e6,
            "_longitude_e6": workers.c.longitude_e6,
            "place": composite(Point, workers.c.latitude_e6, workers.c.longitude_e6),
        },
    )
    mappers.map_imperatively(TipQr, tip_qrs, version_id_col=tip_qrs.c.version, version_id_generator=False)
    mappers.map_imperatively(
        Tip,
        tips,
        version_id_col=tips.c.version,
        version_id_generator=False,
        properties={
            "_amount_minor": tips.c.amount_minor,
            "_amount_asset": tips.c.amount_asset,
            "amount": composite(Money, tips.c.amount_minor, tips.c.amount_asset),
        },
    )
