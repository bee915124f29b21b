"""Statements for the raw driver: written with SQLAlchemy Core, turned into text once, run ever after."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Final, Generic, TypeVar

from asyncpg import Record
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ColumnElement,
    Select,
    Uuid,
    bindparam,
    cast,
    literal_column,
    make_url,
    select,
)
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from db.rows import Row
from domain.instants import stored_instant

R = TypeVar("R", bound=Row)
K = TypeVar("K", bound=Hashable)

_DIALECT: Final = make_url("postgresql+asyncpg://").get_dialect()()


class Statement(Generic[R]):
    """One SELECT that answers rows of one class.

    Parameters without a value are given by name each time; those with one are constants and become part of the text,
    so that the planner finds the partial indexes that are made for them.
    """

    def __init__(self, row: type[R], select: Callable[[], Select[Any]]) -> None:
        self.record = type(row.__name__, (row, Record), {"__slots__": ()})
        self._select = select

    @property
    def text(self) -> str:
        """The SQL with $1, $2 … for the parameters."""
        return self._compiled[0]

    def arguments(self, values: Mapping[str, object]) -> list[object]:
        """The values in the order of the parameters, as the driver takes them."""
        return [process(values[name]) for name, process in self._compiled[1]]

    @cached_property
    def _compiled(self) -> tuple[str, tuple[tuple[str, Callable[[Any], Any]], ...]]:
        select = replacement_traverse(self._select(), {}, _with_constants)
        assert isinstance(select, Select), "constants do not change what it is"
        compiled = select.compile(dialect=_DIALECT)
        assert isinstance(compiled, SQLCompiler), "a statement is compiled to SQL"
        names = compiled.positiontup or ()
        return compiled.string, tuple((name, _process(compiled.binds[name])) for name in names)


class ByKey(Statement[R], Generic[K, R]):
    """A SELECT of what belongs to many keys at once. `keys` is the parameter that takes them; each row says whose it
    is in `key`, and rows of one key come in its order.
    """

    def __init__(self, row: type[R], select: Callable[[], Select[Any]], *, keys: str, key: str) -> None:
        super().__init__(row, select)
        self.keys = keys
        self._key_of: Callable[[R], K] = attrgetter(key)

    def by_key(self, rows: Iterable[R]) -> dict[K, list[R]]:
        """The rows of each key that has any."""
        found: dict[K, list[R]] = {}
        key_of = self._key_of
        for row in rows:
            found.setdefault(key_of(row), []).append(row)
        return found


def one_of(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    """Whether an id column is among the ids of parameter `name`; the text is the same however many they are."""
    return column == any_of(name, Uuid)


def any_of(name: str, type_: type[TypeEngine[Any]]) -> ColumnElement[Any]:
    """Any of the keys of parameter `name`.

    The planner is not shown how many there are: a plan for the number at hand always looks better to it than the one
    that it keeps, so that it would plan every time, which takes several times as long as the reading.
    """
    kind = ARRAY(type_)
    return cast(select(bindparam(name, type_=kind)).scalar_subquery(), kind).any_()


def rows_max(count: int) -> ColumnElement[Any]:
    """A LIMIT that the planner knows."""
    return literal_column(str(count))


def _with_constants(element: Any, **_: Any) -> Any:
    if isinstance(element, BindParameter) and not element.required:
        written = element.compile(dialect=_DIALECT, compile_kwargs={"literal_binds": True})
        return literal_column(str(written), element.type)
    return None


def _process(parameter: BindParameter[Any]) -> Callable[[Any], Any]:
    kind = parameter.type.dialect_impl(_DIALECT)
    if isinstance(kind, Uuid | ARRAY):
        return _as_it_is  # ids, which the driver takes as they are
    process = kind.bind_processor(_DIALECT)

    def processed(value: Any) -> Any:
        value = value if process is None else process(value)
        return stored_instant(value) if isinstance(value, datetime) else value

    return processed


def _as_it_is(value: Any) -> Any:
    return value
