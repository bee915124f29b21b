"""Pages: a slice of an ordered list and where the next one starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from domain.errors import FieldFault, InvalidInput

T_co = TypeVar("T_co", covariant=True)
U = TypeVar("U")
PAGE_SIZE_DEFAULT = 20
PAGE_SIZE_MAX = 50


@dataclass(frozen=True, slots=True)
class PageRequest:
    """How many, after which item. `after` holds the sort keys of the last item seen, already verified."""

    first: int = PAGE_SIZE_DEFAULT
    after: tuple[str | int | None, ...] | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.first <= PAGE_SIZE_MAX:
            raise InvalidInput(FieldFault(("first",), f"must be between 1 and {PAGE_SIZE_MAX}"))


@dataclass(frozen=True, slots=True)
class Page(Generic[T_co]):
    """Items in order, the sort keys of each, and whether more follow."""

    items: tuple[T_co, ...]
    keys: Sequence[tuple[str | int | None, ...]]
    has_next: bool

    def map(self, change: Callable[[T_co], U]) -> Page[U]:
        """The same page with each item changed."""
        return Page(tuple([change(item) for item in self.items]), self.keys, self.has_next)
