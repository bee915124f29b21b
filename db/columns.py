"""Column types of the house: instants in UTC, enums by name, ids, and what the audit must not show."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, Generic, TypeVar

from sqlalchemy import Column, DateTime, Dialect, Text, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import ARRAY

E = TypeVar("E", bound=Enum)
SECRET: Final = {"audit": "secret"}


class Instant(TypeDecorator[datetime]):
    """A timestamptz that only takes and only gives UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a naive time before it is stored."""
        assert value is None or value.tzinfo is not None, "a stored instant has a zone"
        return value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The same instant in UTC, whatever the server's zone."""
        return value.astimezone(UTC) if value else None


class EnumText(TypeDecorator[E], Generic[E]):
    """An enum stored as its member's name, which is what the CHECK constraints and the people at a psql prompt read."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: type[E]) -> None:
        super().__init__()
        self.kind = kind

    def process_bind_param(self, value: E | None, dialect: Dialect) -> str | None:
        """The member's name."""
        return value.name if value is not None else None

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """The member."""
        return self.kind[value] if value is not None else None


class Texts(TypeDecorator[tuple[str, ...]]):
    """A few texts in their order."""

    impl = ARRAY(Text)
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> list[str] | None:
        """As the driver takes them."""
        return list(value) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:
        """As they were kept."""
        return tuple(value) if value is not None else None


def id_column(name: str = "id", **options: Any) -> Column[Any]:
    """A UUID primary key made by the application."""
    return Column(name, Uuid, primary_key=True, **options)


def instant_column(name: str, *, nullable: bool = False) -> Column[Any]:
    """An instant."""
    return Column(name, Instant, nullable=nullable)
