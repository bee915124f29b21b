"""An operation's life: drafted, active, retired, and back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.ids import OperationId, new_id
from domain.operations.errors import OperationAlreadyActive, OperationAlreadyRetired, OperationInUse
from domain.operations.events import OperationActivated, OperationRetired
from domain.operations.operation import IN_USE, OperationKind, OperationState, PersistedOperation

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def operation(state: OperationState, *, last_used_at: datetime | None = None) -> PersistedOperation:
    return PersistedOperation(
        id=OperationId(new_id()),
        document_id=f"sha256:{'0' * 64}",
        aliases=(),
        name="Me",
        kind=OperationKind.QUERY,
        body="query Me { viewer { id } }",
        owner_id=None,
        state=state,
        cost=1,
        registered_by="system",
        registered_at=NOON,
        changed_at=NOON,
        last_used_at=last_used_at,
    )


def test_a_draft_runs_once_it_is_activated() -> None:
    draft, later = operation(OperationState.DRAFT), NOON + timedelta(days=1)

    told = draft.activate(cost=7, at=later)

    assert told == OperationActivated(operation_id=draft.id)
    assert (draft.state, draft.cost, draft.changed_at) == (OperationState.ACTIVE, 7, later)
    with pytest.raises(OperationAlreadyActive):
        draft.activate(cost=7, at=later)


def test_what_was_retired_may_come_back() -> None:
    active = operation(OperationState.ACTIVE)

    told = active.retire(reason="Old app", even_if_used=False, at=NOON)

    assert told == OperationRetired(operation_id=active.id)
    assert (active.state, active.retired_at, active.retired_reason) == (OperationState.RETIRED, NOON, "Old app")
    with pytest.raises(OperationAlreadyRetired):
        active.retire(reason="Old app", even_if_used=True, at=NOON)
    active.activate(cost=1, at=NOON)
    assert (active.state, active.retired_at, active.retired_reason) == (OperationState.ACTIVE, None, None)


def test_what_ran_lately_is_only_retired_by_who_knows() -> None:
    lately = operation(OperationState.ACTIVE, last_used_at=NOON - IN_USE)
    long_ago = operation(OperationState.ACTIVE, last_used_at=NOON - IN_USE - timedelta(seconds=1))

    with pytest.raises(OperationInUse):
        lately.retire(reason="Old app", even_if_used=False, at=NOON)
    assert lately.state is OperationState.ACTIVE
    lately.retire(reason="Old app", even_if_used=True, at=NOON)
    long_ago.retire(reason="Old app", even_if_used=False, at=NOON)

    assert (lately.state, long_ago.state) == (OperationState.RETIRED, OperationState.RETIRED)


def test_an_alias_is_learned_once() -> None:
    active, later = operation(OperationState.ACTIVE), NOON + timedelta(days=1)

    active.learn_alias(None, at=later)
    unchanged = active.changed_at
    active.learn_alias("md5", at=later)
    active.learn_alias("md5", at=later + timedelta(days=1))

    assert (unchanged, active.aliases, active.changed_at) == (NOON, ("md5",), later)
