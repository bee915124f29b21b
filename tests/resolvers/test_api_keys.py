"""API keys through the API: made once, shown once, ended by whose they are or by staff."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import func, select

from db.reads.api_keys import checked_key
from db.tables.api_keys import api_keys
from domain.gateways import Gateways
from domain.identity.actor import Actor
from domain.identity.api_key import API_KEYS_MAX, ActingKey, ApiKeyKind, secret_label
from domain.identity.roles import Role
from domain.ids import ApiKeyId, IdKind, decode_id, encode_id, new_id
from tests.api import Api
from tests.commands import Commands
from tests.makers.people import make_person

KEY = "apiKey { id kind label networks createdAt lastUsedAt revokedAt owner { id } } secret"
LIST = "query($filter: ApiKeyFilterInput) { apiKeys(filter: $filter) { nodes { id label owner { id } revokedAt } } }"


def wanted(owner: Actor, **changes: Any) -> dict[str, Any]:
    given = {"ownerId": owner.label, "kind": "MERCHANT", "label": "Till", "idempotencyKey": str(new_id())}
    return given | changes


async def count(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(api_keys)) or 0


async def test_staff_makes_a_key_and_its_secret_is_kept_sealed(
    api: Api, commands: Commands, gateways: Gateways
) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)

    made = await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner, networks=["203.0.113.0/24"]))

    assert made["errors"] == []
    assert made["secret"].startswith("sk_")
    assert made["apiKey"] | {"id": ""} == {
        "id": "",
        "kind": "MERCHANT",
        "label": "Till",
        "networks": ["203.0.113.0/24"],
        "createdAt": "2026-11-20T12:00:00.000Z",
        "lastUsedAt": None,
        "revokedAt": None,
        "owner": {"id": owner.label},
    }
    key_id = ApiKeyId(decode_id(IdKind.API_KEY, made["apiKey"]["id"]))
    kept = await checked_key(commands.database.reads, key_id)
    assert kept is not None
    assert gateways.sealer.unseal(kept.sealed_secret, about=secret_label(key_id)) == made["secret"]
    assert (kept.kind, kept.owner_id, kept.roles) == (ApiKeyKind.MERCHANT, owner.user, (Role.CUSTOMER, Role.MERCHANT))
    assert [event.name for event in await commands.events()] == ["api_key.created"]
    entry = (await commands.trail())[-1]
    assert (entry.actor, entry.operation, entry.subject) == (admin.label, "apiKeyCreate", made["apiKey"]["id"])
    assert made["secret"] not in json.dumps(entry.changes)


async def test_a_replay_makes_no_second_key_and_shows_no_secret(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    given = wanted(owner)

    first = await api.as_(admin).command("apiKeyCreate", KEY, **given)
    again = await api.as_(admin).command("apiKeyCreate", KEY, **given)

    assert again == first | {"secret": None}
    assert await count(commands) == 1


@pytest.mark.parametrize(
    ("changes", "kind", "reason", "path"),
    [
        ({"label": " "}, "ValidationError", None, ["label"]),
        ({"networks": ["203.0.113.7/24"]}, "ValidationError", None, ["networks"]),
        ({"ownerId": "usr_none"}, "ValidationError", None, ["ownerId"]),
        ({"ownerId": encode_id(IdKind.USER, new_id())}, "NotFoundError", None, []),
        ({"idempotencyKey": ""}, "ValidationError", None, ["idempotencyKey"]),
    ],
)
async def test_a_refused_key_leaves_nothing(
    api: Api, commands: Commands, changes: dict[str, Any], kind: str, reason: str | None, path: list[str]
) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)

    refused = await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner, **changes))

    assert (refused["apiKey"], refused["secret"]) == (None, None)
    assert [(each["__typename"], each["reason"], each["path"]) for each in refused["errors"]] == [(kind, reason, path)]
    assert (await count(commands), await commands.events(), await commands.trail()) == (0, [], [])


async def test_merchants_keys_are_for_merchants(api: Api, commands: Commands) -> None:
    admin, customer = await make_person(commands, Role.ADMIN), await make_person(commands)

    merchant = await api.as_(admin).command("apiKeyCreate", KEY, **wanted(customer))
    developer = await api.as_(admin).command("apiKeyCreate", KEY, **wanted(customer, kind="DEVELOPER"))

    assert [(each["__typename"], each["reason"]) for each in merchant["errors"]] == [
        ("ConflictError", "NOT_A_MERCHANT")
    ]
    assert (developer["errors"], developer["apiKey"]["kind"]) == ([], "DEVELOPER")
    assert await count(commands) == 1


async def test_a_person_has_so_many_keys_and_no_more(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    made = [await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner)) for _ in range(API_KEYS_MAX)]

    refused = await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner))
    await api.as_(owner).command("apiKeyRevoke", "apiKey { id }", id=made[0]["apiKey"]["id"], reason="Lost")
    after = await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner))

    assert [each["reason"] for each in refused["errors"]] == ["TOO_MANY_API_KEYS"]
    assert after["errors"] == []


@pytest.mark.parametrize("role", [Role.CUSTOMER, Role.MERCHANT, Role.MODERATOR, Role.FINANCE, Role.SUPPORT])
async def test_only_admins_make_keys(api: Api, commands: Commands, role: Role) -> None:
    person = await make_person(commands, role)
    document = "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret errors { code } } }"

    refused = await api.as_(person).run(document, input=wanted(person))

    assert refused.codes == ["FORBIDDEN"]
    assert await count(commands) == 0


async def test_a_key_ends_by_its_owner_or_by_staff_and_only_once(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    one, other = [
        (await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner)))["apiKey"]["id"] for _ in range(2)
    ]

    by_owner = await api.as_(owner).command("apiKeyRevoke", "apiKey { id revokedAt }", id=one, reason="Lost")
    by_staff = await api.as_(admin).command("apiKeyRevoke", "apiKey { id revokedAt }", id=other, reason="Misused")
    again = await api.as_(owner).command("apiKeyRevoke", "apiKey { id revokedAt }", id=one, reason="Lost")

    assert by_owner == {"apiKey": {"id": one, "revokedAt": "2026-11-20T12:00:00.000Z"}, "errors": []}
    assert by_staff["apiKey"]["id"] == other
    assert [(each["__typename"], each["reason"]) for each in again["errors"]] == [("ConflictError", "ALREADY_REVOKED")]
    assert [event.name for event in await commands.events()] == ["api_key.created"] * 2 + ["api_key.revoked"] * 2
    assert [(entry.subject, entry.reason) for entry in (await commands.trail())[-2:]] == [
        (one, "Lost"),
        (other, "Misused"),
    ]


async def test_somebody_elses_key_looks_like_none(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    stranger = await make_person(commands, Role.SUPPORT)
    made = (await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner)))["apiKey"]["id"]

    theirs = await api.as_(stranger).command("apiKeyRevoke", "apiKey { id }", id=made, reason="Mine")
    missing = await api.as_(stranger).command(
        "apiKeyRevoke", "apiKey { id }", id=encode_id(IdKind.API_KEY, new_id()), reason="Mine"
    )
    unsaid = await api.as_(owner).command("apiKeyRevoke", "apiKey { id }", id=made, reason="")

    assert theirs == missing
    assert [each["__typename"] for each in theirs["errors"]] == ["NotFoundError"]
    assert [(each["__typename"], each["path"]) for each in unsaid["errors"]] == [("ValidationError", ["reason"])]
    kept = await checked_key(commands.database.reads, ApiKeyId(decode_id(IdKind.API_KEY, made)))
    assert kept is not None
    assert kept.revoked_at is None


async def test_everybody_lists_their_own_and_staff_all(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    other = await make_person(commands)
    mine = (await api.as_(admin).command("apiKeyCreate", KEY, **wanted(owner)))["apiKey"]["id"]
    theirs = (await api.as_(admin).command("apiKeyCreate", KEY, **wanted(other, kind="DEVELOPER")))["apiKey"]["id"]
    await api.as_(other).command("apiKeyRevoke", "apiKey { id }", id=theirs, reason="Lost")

    async def listed(actor: Actor, **filter: Any) -> list[str]:
        return [key["id"] for key in (await api.as_(actor).ask(LIST, filter=filter))["apiKeys"]["nodes"]]

    assert await listed(owner) == [mine]
    assert await listed(admin) == [theirs, mine]
    assert await listed(admin, ownerId=other.label) == [theirs]
    assert await listed(admin, isRevoked=False) == [mine]
    assert await listed(admin, kind="DEVELOPER") == [theirs]
    assert (await api.as_(owner).run(LIST, filter={"ownerId": other.label})).codes == ["NOT_FOUND"]
    assert (await api.run(LIST)).codes == ["AUTHENTICATION_ERROR"]


async def test_a_program_decides_nothing_about_its_owner(api: Api, commands: Commands) -> None:
    owner = await make_person(commands, Role.MERCHANT, Role.ADMIN)
    assert owner.user is not None
    key = ActingKey(ApiKeyId(new_id()), ApiKeyKind.DEVELOPER)
    program = api.as_(Actor.by_key(key, owner.user, owner.roles))

    profile = await program.run('mutation { profileUpdate(input: {displayName: "X"}) { errors { code } } }')
    keys = await program.run("{ apiKeys { nodes { id } } }")
    making = await program.run(
        "mutation($input: ApiKeyCreateInput!) { apiKeyCreate(input: $input) { secret errors { code } } }",
        input=wanted(owner),
    )
    blocking = await program.run(
        'mutation($id: ID!) { userBlock(input: {userId: $id, reason: "x"}) { errors { code } } }', id=owner.label
    )
    sessions = await program.run("{ viewer { sessions { id } } }")
    itself = await program.ask("{ viewer { id } }")

    assert (profile.codes, keys.codes, making.codes, blocking.codes) == tuple([["FORBIDDEN"]] * 4)
    assert profile.errors[0]["extensions"]["reason"] == "SESSION_NEEDED"
    assert sessions.codes == ["FORBIDDEN"]
    assert itself == {"viewer": {"id": owner.label}}
    assert (await count(commands), await commands.trail()) == (0, [])
