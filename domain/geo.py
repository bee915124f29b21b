"""Places on the earth, in millionths of a degree: eleven centimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.errors import FieldFault, InvalidInput

DEGREE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Point:
    """A place by its latitude and longitude (WGS 84)."""

    latitude_e6: int
    longitude_e6: int


def checked_point(latitude_e6: int, longitude_e6: int, *, path: tuple[str, ...]) -> Point:
    """A place.

    Raises:
        InvalidInput: beyond the poles, or further than once around.
    """
    if abs(latitude_e6) > 90 * DEGREE or abs(longitude_e6) > 180 * DEGREE:
        raise InvalidInput(FieldFault(path, "must be a latitude of -90 to 90 and a longitude of -180 to 180"))
    return Point(latitude_e6, longitude_e6)
