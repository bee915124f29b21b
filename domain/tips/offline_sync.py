"""Devices that were away: what they queued is carried out as if it came one by one, and they learn what changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple
from uuid import UUID

from domain.errors import Conflict, FieldFault, InvalidInput, QuotaExceeded

OPERATIONS_MAX: Final = 50
CHANGES_MAX: Final = 50


class SyncKind(StrEnum):
    """What it is that changed."""

    TIP = "TIP"
    WORKER = "WORKER"
    TIP_QR = "TIP_QR"


class SyncPlace(NamedTuple):
    """A place in the order of a person's changes: the number of the transaction, and which thing."""

    changed_in: int
    subject_id: UUID


BEGINNING: Final = SyncPlace(0, UUID(int=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncMark:
    """Something changed, at this place for the last time."""

    kind: SyncKind
    place: SyncPlace


class DependencyRefused(Conflict):
    """An operation that this one depends on was not carried out, so this one was not tried."""

    reason = "DEPENDENCY_REFUSED"

    def __init__(self) -> None:
        super().__init__("What this depends on was not done.")


class TooManyOperations(QuotaExceeded):
    """More operations a minute than one caller may send, by whichever way."""

    def __init__(self, *, retry_after_seconds: int) -> None:
        super().__init__("Too many operations; push the rest later.", retry_after_seconds=retry_after_seconds)


def require_pushable(keys: Sequence[str], dependencies: Sequence[Sequence[str]]) -> None:
    """Refuse a queue as a whole, before anything of it is done: an operation depends on earlier ones only.

    Raises:
        InvalidInput: none, more than fifty, or one that depends on what does not stand before it.
    """
    if not 1 <= len(keys) <= OPERATIONS_MAX:
        raise InvalidInput(FieldFault(("operations",), f"must be 1 to {OPERATIONS_MAX} operations"))
    faults = [
        FieldFault(("operations", str(place), "dependsOn"), "must name operations that stand before it")
        for place, named in enumerate(dependencies)
        if not set(named) <= set(keys[:place])
    ]
    if faults:
        raise InvalidInput(*faults)
