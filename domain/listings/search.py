"""What people look for in the market."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from domain.errors import FieldFault, InvalidInput
from domain.faults import Faults
from domain.ids import CategoryId
from domain.listings.details import CITY_MAX
from domain.money import Asset, Money
from domain.text import line

TEXT_MAX: Final = 200


class ListingSort(StrEnum):
    """The order of a list. Prices are ordered asset by asset: amounts of different assets have no order."""

    NEWEST = "NEWEST"
    """The newest first."""
    PRICE_ASC = "PRICE_ASC"
    """Within each asset the cheapest first."""
    PRICE_DESC = "PRICE_DESC"
    """Within each asset the dearest first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceRange:
    """Prices in one asset; both ends are included, a missing end is open."""

    asset: Asset
    lowest: Money | None = None
    highest: Money | None = None

    @classmethod
    def parse(cls, asset: Asset, *, lowest: str | None, highest: str | None) -> PriceRange:
        """A range from decimal strings.

        Raises:
            InvalidInput: an end is no amount of the asset, or the lower end is above the higher.
        """
        faults = Faults()
        low = high = None
        with faults.kept():
            low = Money.parse(lowest, asset, path=("filter", "price", "min")) if lowest is not None else None
        with faults.kept():
            high = Money.parse(highest, asset, path=("filter", "price", "max")) if highest is not None else None
        faults.refuse_any()
        if low and high and high < low:
            raise InvalidInput(FieldFault(("filter", "price", "max"), "must not be below min"))
        return cls(asset=asset, lowest=low, highest=high)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingFilter:
    """All that is given must agree. A category stands for everything below it too; a city for any way to type it."""

    city: str | None = None
    category_id: CategoryId | None = None
    price: PriceRange | None = None
    text: str | None = None

    @classmethod
    def checked(
        cls, *, city: str | None, category_id: CategoryId | None, price: PriceRange | None, text: str | None
    ) -> ListingFilter:
        """A filter; blank words ask for nothing.

        Raises:
            InvalidInput: the city or the text is too long.
        """
        faults = Faults()
        with faults.kept():
            city = line(city, path=("filter", "city"), shortest=0, longest=CITY_MAX) if city else None
        with faults.kept():
            text = line(text, path=("filter", "text"), shortest=0, longest=TEXT_MAX) if text else None
        faults.refuse_any()
        return cls(city=city or None, category_id=category_id, price=price, text=text or None)
