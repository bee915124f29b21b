"""Workers, their codes and tips as the API shows and takes them."""

from __future__ import annotations

import base64
from datetime import datetime
from enum import Enum
from typing import Annotated, Self

import strawberry

from domain.geo import DEGREE, Point, checked_point
from domain.ids import IdKind, TipQrId, WorkerId, encode_id
from domain.tips import events as domain
from domain.tips import figures
from domain.tips.tip import Tip as Given
from domain.tips.tip_qr import SCHEME, token_of
from domain.tips.tip_qr import TipQr as Code
from domain.tips.worker import Worker as Profile
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.scalars import BigInt, StreamCursor
from schema.streams import DomainEvent, EventHead, StreamGap, StreamHeartbeat


@strawberry.type
class GeoPoint:
    """A place on the earth (WGS 84)."""

    latitude: float
    """Degrees north."""
    longitude: float
    """Degrees east."""

    @classmethod
    def of(cls, point: Point) -> Self:
        """From a place of the domain."""
        return cls(latitude=point.latitude_e6 / DEGREE, longitude=point.longitude_e6 / DEGREE)


@strawberry.input
class GeoPointInput:
    """A place on the earth (WGS 84)."""

    latitude: float
    """Degrees north, -90 to 90."""
    longitude: float
    """Degrees east, -180 to 180."""

    def parse(self, *, path: tuple[str, ...]) -> Point:
        """To a millionth of a degree. Raises InvalidInput."""
        return checked_point(round(self.latitude * DEGREE), round(self.longitude * DEGREE), path=path)


@strawberry.type
class Worker(Node):
    """Somebody who receives tips."""

    name: str
    """As customers read it."""
    trade: str
    """What they do."""
    place_name: str
    """Where they are found."""
    place: GeoPoint
    """The same on the map."""
    is_active: bool
    """Whether they take tips at present."""

    @classmethod
    def of(cls, worker: Profile) -> Self:
        """From a profile of the domain."""
        return cls(
            id=strawberry.ID(worker.label),
            name=worker.name,
            trade=worker.trade,
            place_name=worker.place_name,
            place=GeoPoint.of(worker.place),
            is_active=worker.is_active,
        )


@strawberry.type
class NearbyWorker:
    """A worker and how far away they are."""

    worker: Worker
    """Who."""
    metres: int
    """As the crow flies."""


@strawberry.enum(description="How a code is drawn.")
class TipQrFormat(Enum):
    """How a code is drawn."""

    SVG = "SVG"
    """A drawing, for print at any size."""
    PNG = "PNG"
    """A picture, in base 64."""


@strawberry.type
class TipQr(Node):
    """A worker's code for a card or a screen."""

    key: strawberry.Private[TipQrId]
    worker_key: strawberry.Private[WorkerId]

    worker: Worker = edge(key="worker_key", loader="worker")
    """Whose it is."""
    amount: Money | None
    """What it asks for, if it does."""
    spot: str | None
    """Where it hangs, if it says."""
    is_dynamic: bool
    """Whether it says more than whose it is."""
    made_at: datetime
    """When."""
    withdrawn_at: datetime | None
    """When its worker took it back."""

    @classmethod
    def of(cls, qr: Code) -> Self:
        """From a code of the domain."""
        return cls(
            id=strawberry.ID(qr.label),
            key=qr.id,
            worker_key=qr.worker_id,
            amount=Money.of(qr.amount) if qr.amount else None,
            spot=qr.spot,
            is_dynamic=qr.is_dynamic,
            made_at=qr.made_at,
            withdrawn_at=qr.withdrawn_at,
        )

    @query(access=SIGNED_IN)
    async def uri(self, info: Info) -> str:
        """What phones read from it; sealed, so that nobody makes one of another."""
        return SCHEME + token_of(self.key, info.context.gateways.secrets)

    @query(access=SIGNED_IN)
    async def image(self, info: Info, format: TipQrFormat = TipQrFormat.SVG) -> str:
        """The code itself. It never changes, so keep it for a day and longer."""
        uri = SCHEME + token_of(self.key, info.context.gateways.secrets)
        pictures = info.context.gateways.qr_pictures
        drawn: str = pictures.svg(uri) if format is TipQrFormat.SVG else base64.b64encode(pictures.png(uri)).decode()
        return drawn


@strawberry.type
class Tip(Node):
    """What a customer gave a worker."""

    worker_key: strawberry.Private[WorkerId]

    worker: Worker = edge(key="worker_key", loader="worker")
    """Whom."""
    amount: Money
    """How much; all of it is the worker's."""
    note: str | None
    """What the customer wrote."""
    reference: str
    """Of its transfer, as both wallets name it."""
    given_at: datetime
    """When."""

    @classmethod
    def of(cls, tip: Given) -> Self:
        """Of a tip that the caller gave or received, which was asked before."""
        return cls(
            id=strawberry.ID(tip.label),
            worker_key=tip.worker_id,
            amount=Money.of(tip.amount),
            note=tip.note,
            reference=tip.reference,
            given_at=tip.given_at,
        )


@strawberry.type
class TipDay:
    """A day's tips, in UTC."""

    begins_at: datetime
    """Midnight, when the day begins."""
    tips: int
    """How many."""
    total: Money
    """How much."""

    @classmethod
    def of(cls, day: figures.TipDay) -> Self:
        """From figures of the domain."""
        return cls(begins_at=day.begins_at, tips=day.tips, total=Money.of(day.total))


@strawberry.type
class TipQrAnalytics:
    """How a code is used."""

    scans: int
    """How often it was read."""
    tips: int
    """How many tips came by it."""
    conversion_basis_points: int
    """Tips for each ten thousand readings."""
    total: Money
    """What came by it."""
    scans_by_hour: list[int]
    """Readings by the hour of the day in UTC: 24 numbers."""
    tips_by_hour: list[int]
    """Tips by the hour of the day in UTC: 24 numbers."""

    @classmethod
    def of(cls, found: figures.TipQrFigures) -> Self:
        """From figures of the domain."""
        return cls(
            scans=found.scans,
            tips=found.tips,
            conversion_basis_points=found.tips * 10_000 // found.scans if found.scans else 0,
            total=Money.of(found.total),
            scans_by_hour=list(found.scans_by_hour),
            tips_by_hour=list(found.tips_by_hour),
        )


@strawberry.input
class WorkerRegisterInput:
    """How customers find you."""

    name: str
    """2 to 80 characters."""
    trade: str
    """What you do, 2 to 80 characters."""
    place_name: str
    """Where, 2 to 80 characters."""
    place: GeoPointInput
    """The same on the map; everybody sees it."""


@strawberry.type
class WorkerRegisterPayload(Payload):
    """Your profile."""

    worker: Worker | None = None
    """Null when it was refused."""


@strawberry.input
class WorkerSwitchInput:
    """Whether you take tips."""

    is_active: bool
    """False for a break; your codes stay."""


@strawberry.type
class WorkerSwitchPayload(Payload):
    """Your profile."""

    worker: Worker | None = None
    """Null when it was refused."""


@strawberry.input
class TipQrCreateInput:
    """What the code says besides whose it is; nothing makes a static one."""

    amount: MoneyInput | None = None
    """What it asks for, in KES from 1.00."""
    spot: str | None = None
    """Where it hangs, at most 40 characters."""


@strawberry.type
class TipQrCreatePayload(Payload):
    """Your new code."""

    qr: TipQr | None = None
    """Null when it was refused."""


@strawberry.input
class TipQrWithdrawInput:
    """Which code is worth nothing from now on."""

    qr_id: strawberry.ID
    """One of your own."""


@strawberry.type
class TipQrWithdrawPayload(Payload):
    """The code, withdrawn."""

    qr: TipQr | None = None
    """Null when it was refused."""


@strawberry.input
class TipQrResolveInput:
    """What a phone read."""

    token: str
    """With or without its scheme."""


@strawberry.type
class TipQrResolvePayload(Payload):
    """Whose code it is."""

    worker: Worker | None = None
    """Null when it was refused."""
    amount: Money | None = None
    """What the code asks for, if it does."""
    spot: str | None = None
    """Where it hangs, if it says."""


@strawberry.input
class TipGiveInput:
    """Whom you tip, by one of `token` and `workerId`, and how much."""

    token: str | None = None
    """What your phone read from a code."""
    worker_id: strawberry.ID | None = None
    """A worker you found otherwise."""
    amount: MoneyInput
    """In KES from 1.00; what the code asks for, if it does."""
    note: str | None = None
    """For the worker, at most 140 characters."""
    idempotency_key: str
    """Your name for this tip, 1 to 255 printable characters; sent again, it is given once."""


@strawberry.type
class TipGivePayload(Payload):
    """The tip, given."""

    tip: Tip | None = None
    """Null when it was refused."""


@strawberry.type
class TipsSnapshot:
    """Your profile, at the beginning."""

    worker: Worker
    """You."""
    cursor: StreamCursor
    """Every event after it follows."""
    position: BigInt
    """The number of the last event that it holds; 0 before the first."""


@strawberry.type
class TipGiven(DomainEvent):
    """Somebody tipped you."""

    tip_id: strawberry.ID
    """Which tip."""
    amount: Money
    """How much."""
    note: str | None
    """What they wrote."""

    @classmethod
    def told(cls, event: domain.TipGiven, head: EventHead) -> Self:
        """From an event of the domain."""
        return cls(
            **head,
            tip_id=strawberry.ID(encode_id(IdKind.TIP, event.tip_id)),
            amount=Money.of(event.amount),
            note=event.note,
        )


TipStreamItem = Annotated[
    TipsSnapshot | TipGiven | StreamGap | StreamHeartbeat,
    strawberry.union("TipStreamItem", description="What tipEvents tells; more kinds may come."),
]
