"""Workers' codes as the API shows and takes them."""

from __future__ import annotations

import base64
from datetime import datetime
from enum import Enum
from typing import Self

import strawberry

from domain.ids import TipQrId, WorkerId
from domain.tips import figures
from domain.tips.offline_form import OfflineForm
from domain.tips.tip_qr import SCHEME, token_of
from domain.tips.tip_qr import TipQr as Code
from schema.access import SIGNED_IN
from schema.errors import Payload
from schema.fields import Info, edge, query
from schema.money import Money, MoneyInput
from schema.node import Node
from schema.shown import shown
from schema.workers import Worker


@strawberry.enum(description="How a code is drawn.")
class TipQrFormat(Enum):
    """How a code is drawn."""

    SVG = "SVG"
    """A drawing, for print at any size."""
    PNG = "PNG"
    """A picture, in base 64."""


@strawberry.type
class TipQrOffline:
    """The code for phones without network: they dial it."""

    form: strawberry.Private[OfflineForm]

    short_code: str = shown("form.short_code")
    """What is typed, nine digits; the last finds a wrong one. tipQrResolve and tipGive take it as a token."""
    ussd: str = shown("form.ussd")
    """What is dialled; an amount of whole shillings is typed ahead."""
    uri: str = shown("form.uri")
    """The same for a picture or a link; the phone asks before it dials."""

    @query(access=SIGNED_IN)
    async def image(self, info: Info, format: TipQrFormat = TipQrFormat.SVG) -> str:
        """A code that cameras read without network: it dials. It changes only with the market's USSD service."""
        return drawn(info, self.form.uri, format)


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
    short_code: str | None = None
    """What is typed instead of reading it, nine digits; null of codes of before there were any."""

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
            short_code=qr.short_code,
        )

    @query(access=SIGNED_IN)
    async def uri(self, info: Info) -> str:
        """What phones read from it; sealed, so that nobody makes one of another."""
        return SCHEME + token_of(self.key, info.context.gateways.secrets)

    @query(access=SIGNED_IN)
    async def image(self, info: Info, format: TipQrFormat = TipQrFormat.SVG) -> str:
        """The code itself. It never changes, so keep it for a day and longer."""
        return drawn(info, SCHEME + token_of(self.key, info.context.gateways.secrets), format)

    @query(access=SIGNED_IN)
    async def picture_path(self, info: Info, format: TipQrFormat = TipQrFormat.SVG) -> str:
        """Where the code is as a file for print, at the API's address: public, and kept for a day by whoever asks."""
        return f"/codes/{token_of(self.key, info.context.gateways.secrets)}.{format.value.lower()}"

    @query(access=SIGNED_IN)
    async def offline(self, info: Info) -> TipQrOffline | None:
        """The code for phones without network; null where the market has no USSD service (`ussd_service_code`)."""
        service = (await info.context.settings.current()).settings["ussd_service_code"]
        asked = int(self.amount.units) if self.amount else None
        form = OfflineForm.of(str(service.value), self.short_code, amount_minor=asked)
        return TipQrOffline(form=form) if form else None


def drawn(info: Info, text: str, format: TipQrFormat) -> str:
    """The picture of a text."""
    pictures = info.context.gateways.qr_pictures
    if format is TipQrFormat.PNG:
        return base64.b64encode(pictures.png(text)).decode()
    svg: str = pictures.svg(text)
    return svg


def conversion(*, tips: int, scans: int) -> int:
    """Tips for each ten thousand readings; 0 where nothing was read."""
    return tips * 10_000 // scans if scans else 0


@strawberry.type
class TipQrPlace:
    """How the codes of one spot are used."""

    spot: str | None
    """Where they hang; null of those that do not say."""
    codes: int
    """How many codes name it, withdrawn ones too."""
    scans: int
    """How often they were read."""
    tips: int
    """How many tips came by them."""
    conversion_basis_points: int
    """Tips for each ten thousand readings."""
    total: Money
    """What came by them."""

    @classmethod
    def of(cls, place: figures.TipQrPlace) -> Self:
        """From figures of the domain."""
        return cls(
            spot=place.spot,
            codes=place.codes,
            scans=place.scans,
            tips=place.tips,
            conversion_basis_points=conversion(tips=place.tips, scans=place.scans),
            total=Money.of(place.total),
        )


@strawberry.type
class TipQrAnalytics:
    """How codes are used."""

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
    by_place: list[TipQrPlace]
    """The same by the spot that codes name, the one read most first; at most 50."""

    @classmethod
    def of(cls, found: figures.TipQrFigures) -> Self:
        """From figures of the domain."""
        return cls(
            scans=found.scans,
            tips=found.tips,
            conversion_basis_points=conversion(tips=found.tips, scans=found.scans),
            total=Money.of(found.total),
            scans_by_hour=list(found.scans_by_hour),
            tips_by_hour=list(found.tips_by_hour),
            by_place=[TipQrPlace.of(place) for place in found.by_place],
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
    """With or without its scheme; or the short code that was typed."""


@strawberry.type
class TipQrResolvePayload(Payload):
    """Whose code it is."""

    worker: Worker | None = None
    """Null when it was refused."""
    amount: Money | None = None
    """What the code asks for, if it does."""
    spot: str | None = None
    """Where it hangs, if it says."""
