"""The registry through the API: manifests are taken whole or not at all, and shown to whom they concern."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from sqlalchemy import func, select

from db.reads.operations import runnable_since
from db.tables.operations import persisted_operations
from domain.identity.actor import Actor
from domain.identity.api_key import ApiKeyKind
from domain.identity.roles import Role
from domain.ids import IdKind, encode_id, new_id
from domain.operations.manifest import MANIFEST_MAX
from domain.operations.registering import OWNED_MAX
from tests.api import Api
from tests.commands import Commands
from tests.makers.manifests import FLAGS, ME, apollo, codegen, digest_of, relay
from tests.makers.operations import key_of, register_unchecked
from tests.makers.people import make_person
from tests.resolvers.registering import REGISTER, register

LIST = """
query($filter: OperationFilterInput, $first: Int, $after: String) {
  operations(filter: $filter, first: $first, after: $after) { nodes { name } nextCursor } }
"""
ONE = "query($id: ID!) { operation(id: $id) { name body } }"


async def count(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(persisted_operations)) or 0


@pytest.mark.parametrize("written", [apollo, relay, codegen])
async def test_a_manifest_of_each_tool_is_taken(api: Api, commands: Commands, written: Any) -> None:
    admin = await make_person(commands, Role.ADMIN)

    taken = await register(api, admin, written(ME, FLAGS))

    assert (taken["errors"], taken["newCount"]) == ([], 2)
    first = taken["operations"][0]
    assert first | {"id": "", "aliases": []} == {
        "id": "",
        "documentId": f"sha256:{digest_of(ME)}",
        "aliases": [],
        "name": "Me",
        "type": "QUERY",
        "state": "ACTIVE",
        "cost": 1,
        "firstUsedAt": None,
        "lastUsedAt": None,
        "registeredBy": admin.label,
        "registeredAt": "2026-11-20T12:00:00.000Z",
        "retiredAt": None,
        "retiredReason": None,
        "owner": None,
    }
    assert first["aliases"] == (list(relay(ME)) if written is relay else [])
    assert [event.name for event in await commands.events()] == ["operations.registered"]
    entry = (await commands.trail())[-1]
    assert (entry.actor, entry.operation) == (admin.label, "operationsRegister")
    assert ME not in orjson.dumps(entry.changes).decode()


async def test_the_same_manifest_twice_is_taken_once(api: Api, commands: Commands) -> None:
    admin = await make_person(commands, Role.ADMIN)
    first = await register(api, admin, apollo(ME, FLAGS))

    again = await register(api, admin, codegen(ME, FLAGS))
    by_relay = await register(api, admin, relay(ME))

    assert again == first | {"newCount": 0}
    assert (by_relay["newCount"], by_relay["operations"][0]["aliases"]) == (0, list(relay(ME)))
    assert await count(commands) == 2


async def test_each_owner_has_a_registration_of_their_own(api: Api, commands: Commands) -> None:
    admin, one, other = [await make_person(commands, role) for role in (Role.ADMIN, Role.MERCHANT, Role.MERCHANT)]

    owners = [
        (await register(api, admin, apollo(ME), **more))["operations"][0]["owner"]
        for more in ({}, {"ownerId": one.label}, {"ownerId": other.label})
    ]

    assert owners == [None, {"id": one.label}, {"id": other.label}]
    assert await count(commands) == 3


TOO_MANY_ALIASES = "query Many { " + " ".join(f"a{n}: featureFlags {{ key }}" for n in range(60)) + " }"


@pytest.mark.parametrize(
    ("manifest", "faults"),
    [
        (apollo(ME, id=digest_of(FLAGS)), [("ID_MISMATCH", "Me")]),
        ({"0" * 32: ME}, [("ID_MISMATCH", None)]),
        (codegen("query Me {"), [("SYNTAX", None)]),
        (codegen(f"{ME} # \0"), [("SYNTAX", None)]),
        (codegen("query Me { nobody { id } }"), [("VALIDATION", None)]),
        (codegen(TOO_MANY_ALIASES), [("LIMIT", None)]),
        (codegen(f"{ME} {FLAGS}"), [("SEVERAL_OPERATIONS", None)]),
        (codegen("{ viewer { id } }"), [("NAME_MISSING", None)]),
        (apollo(ME, name="You"), [("NAME_MISMATCH", "You")]),
        (apollo(ME, type="mutation"), [("TYPE_MISMATCH", "Me")]),
        (apollo(ME, FLAGS, type="mutation", name="You"), [("NAME_MISMATCH", "You"), ("TYPE_MISMATCH", "You")] * 2),
        (codegen(ME, "query A { nobody }", "query B {"), [("VALIDATION", None), ("SYNTAX", None)]),
    ],
)
async def test_a_faulty_manifest_is_refused_whole_and_every_fault_is_told(
    api: Api, commands: Commands, manifest: Any, faults: list[tuple[str, str | None]]
) -> None:
    admin = await make_person(commands, Role.ADMIN)

    refused = await register(api, admin, manifest)

    assert (refused["operations"], refused["newCount"]) == ([], 0)
    told = refused["errors"]
    assert {(each["__typename"], each["reason"]) for each in told} == {("OperationFaultError", "MANIFEST_REFUSED")}
    assert [(each["fault"], each["operationName"]) for each in told] == faults
    assert all(each["path"] == ["manifest"] and each["operationId"] and each["message"] for each in told)
    assert (await count(commands), await commands.events(), await commands.trail()) == (0, [], [])


@pytest.mark.parametrize("manifest", [{}, [], "x", 1, None, apollo(), apollo(*[ME] * (MANIFEST_MAX + 1))])
async def test_what_is_no_manifest_is_refused(api: Api, commands: Commands, manifest: Any) -> None:
    admin = await make_person(commands, Role.ADMIN)

    answer = await api.as_(admin).run(REGISTER, input={"manifest": manifest})

    if manifest is None:  # the schema itself asks for one
        assert answer.codes == ["BAD_REQUEST"]
    else:
        told = answer.data["operationsRegister"]["errors"]
        assert [(each["__typename"], each["path"]) for each in told] == [("ValidationError", ["manifest"])]
    assert await count(commands) == 0


async def test_owners_must_exist_and_have_room(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    missing = await register(api, admin, apollo(ME), ownerId=encode_id(IdKind.USER, new_id()))
    for start in range(0, OWNED_MAX - 1, MANIFEST_MAX):
        many = [f"query Me {{ a{n}: viewer {{ id }} }}" for n in range(start, min(start + MANIFEST_MAX, OWNED_MAX - 1))]
        await register_unchecked(commands, codegen(*many), owner_id=owner.user)

    crowded = await register(api, admin, apollo(ME, FLAGS), ownerId=owner.label)
    fitting = await register(api, admin, apollo(ME), ownerId=owner.label)
    again = await register(api, admin, apollo(ME), ownerId=owner.label)
    beyond = await register(api, admin, apollo(FLAGS), ownerId=owner.label)
    for_all = await register(api, admin, apollo(FLAGS))

    assert [each["__typename"] for each in missing["errors"]] == ["NotFoundError"]
    assert [each["reason"] for each in (*crowded["errors"], *beyond["errors"])] == ["TOO_MANY_OPERATIONS"] * 2
    assert (fitting["errors"], again["errors"], for_all["errors"]) == ([], [], [])
    assert await count(commands) == OWNED_MAX + 1


async def test_a_developers_key_registers_for_its_owner_and_nobody_else(api: Api, commands: Commands) -> None:
    owner, stranger = await make_person(commands, Role.MERCHANT), await make_person(commands)
    developer, merchant = key_of(owner, ApiKeyKind.DEVELOPER), key_of(owner, ApiKeyKind.MERCHANT)

    own = await register(api, developer, apollo(ME))
    others = await register(api, developer, apollo(FLAGS), ownerId=stranger.label)
    refused = [
        (await api.as_(actor).run(REGISTER, input={"manifest": apollo(FLAGS)})).codes
        for actor in (merchant, owner, stranger, Actor.anonymous())
    ]

    assert (own["errors"], own["operations"][0]["owner"]) == ([], {"id": owner.label})
    assert developer.key is not None
    assert own["operations"][0]["registeredBy"] == encode_id(IdKind.API_KEY, developer.key.id)
    assert [each["__typename"] for each in others["errors"]] == ["NotFoundError"]
    assert refused == [["FORBIDDEN"]] * 3 + [["AUTHENTICATION_ERROR"]]
    assert await count(commands) == 1


async def test_others_operations_look_like_none(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    stranger = key_of(await make_person(commands), ApiKeyKind.DEVELOPER)
    [operation] = (await register(api, admin, apollo(ME), ownerId=owner.label))["operations"]
    [common] = (await register(api, admin, apollo(FLAGS)))["operations"]
    missing = encode_id(IdKind.OPERATION, new_id())

    for field, more in (("operationRetire", {"reason": "Mine"}), ("operationActivate", {})):
        told = [
            await api.as_(stranger).command(field, "operation { id }", id=id_, **more)
            for id_ in (operation["id"], common["id"], missing)
        ]
        assert [[each["__typename"] for each in answer["errors"]] for answer in told] == [["NotFoundError"]] * 3
    assert (await api.as_(stranger).run(ONE, id=operation["id"])).codes == ["NOT_FOUND"]
    assert (await api.as_(stranger).ask(ONE, id=common["id"]))["operation"] == {"name": "Flags", "body": FLAGS}
    assert (await api.as_(owner).ask(ONE, id=operation["id"]))["operation"] == {"name": "Me", "body": ME}
    assert (await api.run(ONE, id=common["id"])).codes == ["AUTHENTICATION_ERROR"]
    async with commands.database.read() as connection:
        assert all(each.is_active for each in await runnable_since(connection, None))


async def test_lists_show_what_one_may_see(api: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    other = await make_person(commands, Role.MERCHANT)
    await register(api, admin, apollo(FLAGS))
    await register(api, admin, apollo(ME), ownerId=owner.label)
    await register(api, admin, apollo("query Other { viewer { id } }"), ownerId=other.label, isDraft=True)

    async def listed(actor: Actor, **filter: Any) -> list[str]:
        found = (await api.as_(actor).ask(LIST, filter=filter))["operations"]["nodes"]
        return [operation["name"] for operation in found]

    assert await listed(admin) == ["Other", "Me", "Flags"]
    assert await listed(admin, state="DRAFT") == ["Other"]
    assert await listed(admin, ownerId=owner.label) == ["Me"]
    assert await listed(owner) == ["Me", "Flags"]
    assert await listed(owner, ownerId=owner.label, state="ACTIVE") == ["Me"]
    assert (await api.as_(owner).run(LIST, filter={"ownerId": other.label})).codes == ["NOT_FOUND"]
    assert (await api.run(LIST)).codes == ["AUTHENTICATION_ERROR"]
    page = (await api.as_(admin).ask(LIST, first=2))["operations"]
    rest = (await api.as_(admin).ask(LIST, first=2, after=page["nextCursor"]))["operations"]
    assert [node["name"] for node in rest["nodes"]] == ["Flags"]
