"""What a transaction changes, seen from the session: the before and after of the audit row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from sqlalchemy import inspect
from sqlalchemy.orm import Session
from sqlalchemy.orm.mapper import Mapper

from domain.ids import IdKind, encode_id
from domain.plain import Plain, to_plain

HIDDEN: Final = "•••"


@dataclass(frozen=True, slots=True)
class Change:
    """One row's change. `before` is empty for a new row, `after` for a deleted one; secrets are blotted out."""

    subject: str
    table: str
    before: dict[str, Plain]
    after: dict[str, Plain]


Note: TypeAlias = Callable[[Change], None]
"""Hears of a change."""


def ignore(change: Change) -> None:
    """For those who keep no audit."""


class NotedSession(Session):
    """Tells `info["note"]` what it is about to write."""

    def flush(self, objects: Sequence[Any] | None = None) -> None:
        """Tell, then write."""
        for change in changes_in(self):
            self.info["note"](change)
        super().flush(objects)


def changes_in(session: Session) -> Iterator[Change]:
    """The changes that the next flush will write: what is new, then what was changed in the order it was loaded."""
    changed = session.dirty  # has no order of its own; what a command loads first is what it is about
    dirty = [entity for entity in session.identity_map.values() if entity in changed]
    for entity in [*session.new, *dirty, *session.deleted]:
        state = inspect(entity)
        before: dict[str, Plain] = {}
        after: dict[str, Plain] = {}
        is_new = entity in session.new
        for attribute in state.mapper.column_attrs:
            column, name = attribute.columns[0], str(attribute.columns[0].name)
            if is_new:
                after[name] = _shown(column, getattr(entity, attribute.key))
            elif attribute.key in state.committed_state:
                history = state.attrs[attribute.key].history
                if not history.has_changes():
                    continue
                before[name] = _shown(column, history.deleted[0] if history.deleted else None)
                after[name] = _shown(column, history.added[0] if history.added else None)
        if entity in session.deleted:
            before, after = {"deleted": False}, {}
        if before or after:
            yield Change(_subject(state.mapper, entity), str(state.mapper.local_table.name), before, after)


def _shown(column: Any, value: object) -> Plain:
    if value is not None and column.info.get("audit"):
        return HIDDEN
    return None if isinstance(value, bytes) else to_plain(value)


def _subject(mapper: Mapper[Any], entity: object) -> str:
    """The public id where the table's ids have a public form, else the key itself unless it is a digest."""
    table: Any = mapper.local_table
    key = mapper.primary_key_from_instance(entity)[0]
    if isinstance(key, bytes):
        return str(table.name)
    kind = table.info.get("id_kind")
    return encode_id(kind, key) if isinstance(kind, IdKind) else f"{table.name}:{key}"
