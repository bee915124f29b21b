"""Places on the earth, in millionths of a degree: eleven centimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import FieldFault, InvalidInput

DEGREE: Final = 1_000_000
LATITUDE_MAX: Final = 90
LONGITUDE_MAX: Final = 180


@dataclass(frozen=True, slots=True)
class Point:
    """A place by its latitude and longitude (WGS 84)."""

    latitude_e6: int
    longitude_e6: int


def point_at(latitude: float, longitude: float, *, path: tuple[str, ...]) -> Point:
    """The place at so many degrees, to a millionth of one.

    Raises:
        InvalidInput: beyond the poles, or further than once around.
    """
    if not (abs(latitude) <= LATITUDE_MAX and abs(longitude) <= LONGITUDE_MAX):
        raise InvalidInput(FieldFault(path, "must be a latitude of -90 to 90 and a longitude of -180 to 180"))
    return Point(round(latitude * DEGREE), round(longitude * DEGREE))
