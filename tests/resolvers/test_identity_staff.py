"""What staff see and decide, what others may not, over the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from tests.api import Api
from tests.commands import Commands
from tests.makers.identity import EMAIL, PHONE, actor_of, sign_in
from tests.makers.people import make_person

SHOWN = """
    id displayName roles status blockedReason blockedUntil language registeredAt version
    phone { masked isMasked } email { masked isMasked }
"""
USER = f"query($id: ID!) {{ user(id: $id) {{ {SHOWN} }} }}"
USERS = """
query($filter: UserFilterInput, $first: Int, $after: String) {
  users(filter: $filter, first: $first, after: $after) { nodes { id } nextCursor }
}
"""
REASON = {"reason": "Selling air."}
SOMEBODY = encode_id(IdKind.USER, new_id())


def gid(actor: Actor) -> str:
    return encode_id(IdKind.USER, actor.user_id)


def error_of(payload: dict[str, Any]) -> tuple[str, str | None, list[str]]:
    [error] = payload["errors"]
    return error["code"], error["reason"], error["path"]


async def test_a_stranger_sees_the_name_and_masks(api: Api, commands: Commands, gateways: Gateways) -> None:
    subject = actor_of(await sign_in(commands, gateways))
    stranger = api.as_(await make_person(commands))

    user = (await stranger.ask(USER, id=gid(subject)))["user"]

    assert user["displayName"].startswith("Customer ")
    assert user["phone"] == {"masked": "+254••••••678", "isMasked": True}
    hidden = ("roles", "status", "blockedReason", "blockedUntil", "language", "registeredAt", "version", "email")
    assert {name: user[name] for name in hidden} == dict.fromkeys(hidden)


async def test_staff_see_the_state_and_still_masks(api: Api, commands: Commands, gateways: Gateways) -> None:
    subject = actor_of(await sign_in(commands, gateways, EMAIL))
    moderator = api.as_(await make_person(commands, Role.MODERATOR))

    user = (await moderator.ask(USER, id=gid(subject)))["user"]

    assert (user["roles"], user["status"], user["language"]) == (["CUSTOMER"], "ACTIVE", "en")
    assert (user["phone"], user["email"]) == (None, {"masked": "a•••@example.com", "isMasked": True})


async def test_a_person_sees_their_own_data(api: Api, commands: Commands, gateways: Gateways) -> None:
    me = actor_of(await sign_in(commands, gateways))

    user = (await api.as_(me).ask(USER, id=gid(me)))["user"]

    assert (user["phone"], user["roles"]) == ({"masked": PHONE, "isMasked": False}, ["CUSTOMER"])


@pytest.mark.parametrize(
    ("user_id", "code"),
    [(SOMEBODY, "NOT_FOUND"), (SOMEBODY.replace("usr", "lst"), "VALIDATION_ERROR"), ("", "VALIDATION_ERROR")],
)
async def test_nobody_and_other_ids_are_refused(api: Api, commands: Commands, user_id: str, code: str) -> None:
    answer = await api.as_(await make_person(commands)).run(USER, id=user_id)

    assert answer.codes == [code]


async def test_staff_walk_through_people_page_by_page(api: Api, commands: Commands) -> None:
    support = await make_person(commands, Role.SUPPORT)
    people = [support]
    for _ in range(4):
        commands.later(timedelta(minutes=1))
        people.append(await make_person(commands))
    staff = api.as_(support)

    first = (await staff.ask(USERS, first=3))["users"]
    second = (await staff.ask(USERS, first=3, after=first["nextCursor"]))["users"]
    foreign = await staff.run(USERS, first=3, after=first["nextCursor"], filter={"status": "BLOCKED"})
    greedy = await staff.run(USERS, first=51)

    assert [node["id"] for node in first["nodes"] + second["nodes"]] == [gid(person) for person in reversed(people)]
    assert second["nextCursor"] is None
    assert (foreign.codes, greedy.codes) == (["VALIDATION_ERROR"], ["VALIDATION_ERROR"])


async def test_people_are_filtered(api: Api, commands: Commands, gateways: Gateways) -> None:
    subject = actor_of(await sign_in(commands, gateways))
    support = api.as_(await make_person(commands, Role.SUPPORT))

    found = [
        (await support.ask(USERS, filter=given))["users"]["nodes"]
        for given in ({"text": PHONE}, {"role": "SUPPORT", "text": PHONE}, {"text": "customer"})
    ]

    assert found == [[{"id": gid(subject)}], [], [{"id": gid(subject)}]]


async def test_a_block_is_answered_told_and_audited(api: Api, commands: Commands, gateways: Gateways) -> None:
    subject = actor_of(await sign_in(commands, gateways))
    support = await make_person(commands, Role.SUPPORT)

    payload = await api.as_(support).command(
        "userBlock",
        "user { status blockedReason blockedUntil }",
        userId=gid(subject),
        until="2026-11-21T12:00:00Z",
        **REASON,
    )

    assert payload["errors"] == []
    assert payload["user"] == {
        "status": "BLOCKED",
        "blockedReason": "Selling air.",
        "blockedUntil": "2026-11-21T12:00:00.000Z",
    }
    assert [event.name for event in (await commands.events())[-2:]] == ["user.blocked", "session.ended"]
    audited = (await commands.trail())[-1]
    assert (audited.actor, audited.operation, audited.subject, audited.reason) == (
        gid(support),
        "userBlock",
        gid(subject),
        "Selling air.",
    )


async def test_a_lapsed_block_is_not_shown(api: Api, commands: Commands) -> None:
    subject, support = await make_person(commands), api.as_(await make_person(commands, Role.SUPPORT))
    await support.command("userBlock", "user { id }", userId=gid(subject), until="2026-11-20T13:00:00Z", **REASON)
    commands.later(timedelta(hours=1))

    user = (await support.ask(USER, id=gid(subject)))["user"]

    assert (user["status"], user["blockedReason"], user["blockedUntil"]) == ("ACTIVE", None, None)


async def test_an_unblocking_is_answered_once(api: Api, commands: Commands) -> None:
    subject, support = await make_person(commands), api.as_(await make_person(commands, Role.SUPPORT))
    await support.command("userBlock", "user { id }", userId=gid(subject), **REASON)

    done = await support.command("userUnblock", "user { status }", userId=gid(subject), reason="A mistake.")
    again = await support.command("userUnblock", "user { status }", userId=gid(subject), reason="A mistake.")

    assert done == {"user": {"status": "ACTIVE"}, "errors": []}
    assert (again["user"], error_of(again)) == (None, ("CONFLICT_ERROR", "USER_NOT_BLOCKED", []))


async def test_each_refusal_of_a_block_has_its_member(api: Api, commands: Commands) -> None:
    subject, admin = await make_person(commands), await make_person(commands, Role.ADMIN)
    support = await make_person(commands, Role.SUPPORT)
    given: list[tuple[dict[str, Any], tuple[str, str | None, list[str]]]] = [
        ({"userId": gid(subject), "reason": " "}, ("VALIDATION_ERROR", None, ["reason"])),
        ({"userId": gid(subject), "until": "2026-11-20T12:00:00Z"}, ("VALIDATION_ERROR", None, ["until"])),
        ({"userId": "wal_1"}, ("VALIDATION_ERROR", None, ["userId"])),
        ({"userId": SOMEBODY}, ("NOT_FOUND", None, [])),
        ({"userId": gid(support)}, ("CONFLICT_ERROR", "OWN_ACCOUNT", [])),
        ({"userId": gid(admin)}, ("CONFLICT_ERROR", "ADMIN_PROTECTED", [])),
    ]

    for change, expected in given:
        payload = await api.as_(support).command("userBlock", "user { id }", **REASON | change)
        assert (payload["user"], error_of(payload)) == (None, expected)

    assert (await commands.events(), await commands.trail()) == ([], [])


async def test_roles_come_and_go(api: Api, commands: Commands) -> None:
    subject, admin = await make_person(commands), await make_person(commands, Role.ADMIN)
    staff, given = api.as_(admin), {"userId": gid(subject), "role": "FINANCE", **REASON}

    granted = await staff.command("roleGrant", "user { roles }", **given)
    again = await staff.command("roleGrant", "user { roles }", **given)
    revoked = await staff.command("roleRevoke", "user { roles }", **given)
    missing = await staff.command("roleRevoke", "user { roles }", **given)
    own = await staff.command("roleGrant", "user { roles }", **given | {"userId": gid(admin)})
    stays = await staff.command("roleRevoke", "user { roles }", **given | {"role": "CUSTOMER"})
    last = await staff.command("roleRevoke", "user { roles }", **given | {"userId": gid(admin), "role": "ADMIN"})

    assert granted == {"user": {"roles": ["CUSTOMER", "FINANCE"]}, "errors": []}
    assert revoked == {"user": {"roles": ["CUSTOMER"]}, "errors": []}
    refused = [error_of(payload)[1] for payload in (again, missing, own, stays, last)]
    assert refused == ["ROLE_ALREADY_HELD", "ROLE_NOT_HELD", "OWN_ACCOUNT", "ROLE_STAYS", "LAST_ADMIN"]
    assert [event.name for event in await commands.events()] == ["role.granted", "role.revoked"]


async def test_personal_data_is_revealed_in_this_answer_only(api: Api, commands: Commands, gateways: Gateways) -> None:
    subject = actor_of(await sign_in(commands, gateways))
    support = api.as_(await make_person(commands, Role.SUPPORT))

    revealed = await support.command(
        "piiReveal", "phone email", nodeId=gid(subject), fields=["PHONE", "EMAIL"], reason="Called about a payment."
    )
    after = (await support.ask(USER, id=gid(subject)))["user"]

    assert revealed == {"phone": PHONE, "email": None, "errors": []}
    assert after["phone"]["isMasked"]
    audited = (await commands.trail())[-1]
    assert (audited.operation, audited.subject, audited.reason) == (
        "piiReveal",
        gid(subject),
        "Called about a payment.",
    )
    assert audited.changes[0]["after"] == {"fields": ["EMAIL", "PHONE"]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"reason": ""}, ("VALIDATION_ERROR", None, ["reason"])),
        ({"fields": []}, ("VALIDATION_ERROR", None, ["fields"])),
        ({"nodeId": "ses_1"}, ("VALIDATION_ERROR", None, ["nodeId"])),
        ({"nodeId": SOMEBODY}, ("NOT_FOUND", None, [])),
    ],
)
async def test_refused_reveals_reveal_nothing(
    api: Api, commands: Commands, change: dict[str, Any], expected: tuple[str, str | None, list[str]]
) -> None:
    subject, support = await make_person(commands), api.as_(await make_person(commands, Role.SUPPORT))
    given: dict[str, Any] = {"nodeId": gid(subject), "fields": ["PHONE"], "reason": "Because.", **change}

    payload = await support.command("piiReveal", "phone email", **given)

    assert (payload["phone"], payload["email"], error_of(payload)) == (None, None, expected)
    assert await commands.trail() == []


@pytest.mark.parametrize(
    ("field", "given", "allowed"),
    [
        ("userBlock", {"userId": SOMEBODY, "reason": "x"}, {Role.SUPPORT, Role.ADMIN}),
        ("userUnblock", {"userId": SOMEBODY, "reason": "x"}, {Role.SUPPORT, Role.ADMIN}),
        ("roleGrant", {"userId": SOMEBODY, "role": "ADMIN", "reason": "x"}, {Role.ADMIN}),
        ("roleRevoke", {"userId": SOMEBODY, "role": "ADMIN", "reason": "x"}, {Role.ADMIN}),
        ("piiReveal", {"nodeId": SOMEBODY, "fields": ["PHONE"], "reason": "x"}, {Role.SUPPORT, Role.ADMIN}),
    ],
)
async def test_only_holders_of_the_permission_get_further(
    api: Api, commands: Commands, field: str, given: dict[str, Any], allowed: set[Role]
) -> None:
    kind = field[0].upper() + field[1:] + "Input"
    document = f"mutation($i: {kind}!) {{ {field}(input: $i) {{ errors {{ code }} }} }}"

    for role in Role:
        answer = await api.as_(await make_person(commands, role)).run(document, i=given)
        assert answer.codes == ([] if role in allowed else ["FORBIDDEN"]), role
    assert (await api.run(document, i=given)).codes == ["AUTHENTICATION_ERROR"]
    assert await commands.trail() == []


async def test_the_list_of_people_is_for_staff(api: Api, commands: Commands) -> None:
    allowed = {Role.MODERATOR, Role.FINANCE, Role.SUPPORT, Role.ADMIN}

    for role in Role:
        answer = await api.as_(await make_person(commands, role)).run(USERS)
        assert answer.codes == ([] if role in allowed else ["FORBIDDEN"]), role
