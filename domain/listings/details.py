"""What a seller writes into a listing, checked as a whole."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from domain.faults import Faults
from domain.ids import CategoryId
from domain.money import Money
from domain.text import line, prose

TITLE_MIN: Final = 3
TITLE_MAX: Final = 120
DESCRIPTION_MAX: Final = 5_000
CITY_MIN: Final = 2
CITY_MAX: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingDetails:
    """The words, the price and where it is filed."""

    title: str
    description: str
    price: Money
    category_id: CategoryId
    city: str

    @classmethod
    def checked(
        cls, *, title: str, description: str, price: Money, category_id: CategoryId, city: str
    ) -> ListingDetails:
        """Details that may be shown. Whether the category is open is asked separately.

        Raises:
            InvalidInput: with every fault there is.
        """
        faults = Faults()
        with faults.kept():
            title = line(title, path=("title",), shortest=TITLE_MIN, longest=TITLE_MAX)
        with faults.kept():
            description = prose(description, path=("description",), longest=DESCRIPTION_MAX)
        with faults.kept():
            city = line(city, path=("city",), shortest=CITY_MIN, longest=CITY_MAX)
        with faults.kept():
            price.require_positive(path=("price", "amount"))
        faults.refuse_any()
        return cls(title=title, description=description, price=price, category_id=category_id, city=city)
