"""Workers as the API shows and takes them."""

from __future__ import annotations

from typing import Final, Self

import strawberry

from domain.geo import DEGREE, Point, checked_point
from domain.tips.worker import Worker as Profile
from schema.errors import Payload
from schema.node import Node
from schema.shown import shown

NOWHERE: Final = 1_000.0


@strawberry.type
class GeoPoint:
    """A place on the earth (WGS 84)."""

    latitude_e6: strawberry.Private[int]
    longitude_e6: strawberry.Private[int]

    latitude: float = shown(lambda point: point.latitude_e6 / DEGREE)
    """Degrees north."""
    longitude: float = shown(lambda point: point.longitude_e6 / DEGREE)
    """Degrees east."""

    @classmethod
    def of(cls, point: Point) -> Self:
        """From a place of the domain."""
        return cls(latitude_e6=point.latitude_e6, longitude_e6=point.longitude_e6)


@strawberry.input
class GeoPointInput:
    """A place on the earth (WGS 84)."""

    latitude: float
    """Degrees north, -90 to 90."""
    longitude: float
    """Degrees east, -180 to 180."""

    def parse(self, *, path: tuple[str, ...]) -> Point:
        """To a millionth of a degree. Raises InvalidInput."""
        return checked_point(_millionths(self.latitude), _millionths(self.longitude), path=path)


def _millionths(degrees: float) -> int:
    """Of a degree. What is no place at all stays none, however far away: 1e308 degrees would have no number of them."""
    return round(min(max(degrees, -NOWHERE), NOWHERE) * DEGREE)


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
    version: int
    """Counts its changes; an input's `expectedVersion` is compared with it."""

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
            version=worker.version,
        )


@strawberry.type
class NearbyWorker:
    """A worker and how far away they are."""

    worker: Worker
    """Who."""
    metres: int
    """As the crow flies."""


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
    expected_version: int | None = None
    """The version you saw; a conflict when your profile was changed since."""


@strawberry.type
class WorkerSwitchPayload(Payload):
    """Your profile."""

    worker: Worker | None = None
    """Null when it was refused."""
