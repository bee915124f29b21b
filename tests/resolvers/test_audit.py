"""The audit trail through the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.settings.publishing import update_setting
from tests.api import Api
from tests.commands import NOON, Commands
from tests.makers.people import make_person

TRAIL = """
query($filter: AuditFilterInput, $first: Int, $after: String) {
  auditTrail(filter: $filter, first: $first, after: $after) {
    nodes { actor operation subject reason requestId address at changes { subject table before after } } nextCursor
  }
}"""


async def change(commands: Commands, actor: Actor, value: str, *, operation: str = "settingUpdate") -> None:
    async with commands.by(actor, operation=operation) as uow:
        await update_setting(uow, key="order_fee_basis_points", value=value, reason=f"To {value}")
    commands.later(timedelta(minutes=1))


async def reasons(api: Api, **wanted: Any) -> list[str]:
    answer = await api.ask(TRAIL, filter=wanted)
    return [entry["reason"] for entry in answer["auditTrail"]["nodes"]]


async def test_an_entry_says_who_did_what_why_and_what_it_changed(api: Api, commands: Commands) -> None:
    admin = await make_person(commands, Role.ADMIN)
    await change(commands, admin, "100")

    [entry] = (await api.as_(admin).ask(TRAIL))["auditTrail"]["nodes"]

    subject = "platform_settings:order_fee_basis_points"
    assert entry == {
        "actor": admin.label,
        "operation": "settingUpdate",
        "subject": subject,
        "reason": "To 100",
        "requestId": "req-1",
        "address": "203.0.113.7",
        "at": "2026-11-20T12:00:00.000Z",
        "changes": [
            {
                "subject": subject,
                "table": "platform_settings",
                "before": {"value": 500, "version": 0, "updated_at": None},
                "after": {"value": 100, "version": 1, "updated_at": "2026-11-20T12:00:00+00:00"},
            }
        ],
    }


async def test_the_trail_is_filtered_and_walked_newest_first(api: Api, commands: Commands) -> None:
    admin, other = await make_person(commands, Role.ADMIN), await make_person(commands, Role.ADMIN)
    await change(commands, admin, "100")
    await change(commands, other, "200")
    await change(commands, admin, "300", operation="job.tune")
    caller = api.as_(admin)
    minute = timedelta(minutes=1)

    assert await reasons(caller) == ["To 300", "To 200", "To 100"]
    assert await reasons(caller, actor=admin.label) == ["To 300", "To 100"]
    assert await reasons(caller, operation="job.tune") == ["To 300"]
    assert await reasons(caller, subject="platform_settings:order_fee_basis_points", actor=other.label) == ["To 200"]
    assert await reasons(caller, subject="nobody") == []
    assert await reasons(caller, since=(NOON + minute).isoformat(), until=(NOON + 2 * minute).isoformat()) == ["To 200"]

    first = (await caller.ask(TRAIL, first=2))["auditTrail"]
    second = (await caller.ask(TRAIL, first=2, after=first["nextCursor"]))["auditTrail"]
    assert [entry["reason"] for entry in first["nodes"] + second["nodes"]] == ["To 300", "To 200", "To 100"]
    assert second["nextCursor"] is None


@pytest.mark.parametrize(
    ("wanted", "path"),
    [
        ({"since": "2026-11-20T12:00:00Z", "until": "2026-11-20T12:00:00Z"}, ["filter", "until"]),
        ({"actor": "x" * 121}, ["filter", "actor"]),
        ({"subject": "x\u0000"}, ["filter", "subject"]),
    ],
)
async def test_a_faulty_filter_is_refused(
    api: Api, commands: Commands, wanted: dict[str, str], path: list[str]
) -> None:
    admin = await make_person(commands, Role.ADMIN)

    answer = await api.as_(admin).run(TRAIL, filter=wanted)

    assert answer.codes == ["VALIDATION_ERROR"]
    assert [fault["path"] for fault in answer.errors[0]["extensions"]["faults"]] == [path]


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.MODERATOR, Role.FINANCE, Role.SUPPORT])
async def test_the_trail_is_for_admins(api: Api, commands: Commands, role: Role) -> None:
    person = await make_person(commands, role)

    assert (await api.as_(person).run(TRAIL)).codes == ["FORBIDDEN"]
    assert (await api.run(TRAIL)).codes == ["AUTHENTICATION_ERROR"]
