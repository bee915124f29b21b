"""Workers' codes as the API shows and takes them."""

from __future__ import annotations

import base64
from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from domain.ids import TipQrId, WorkerId
from domain.tips import figures
from domain.tips.tip_qr import SCHEME, token_of
from domain.tips.tip_qr import TipQr as Code
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.workers import Worker


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
    version: int
    """Counts its changes; an input's `expectedVersion` is compared with it."""

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
            version=qr.version,
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
    expected_version: int | None = None
    """The version you saw; a conflict when the code was changed since."""


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
