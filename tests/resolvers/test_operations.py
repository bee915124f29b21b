"""The registry through the API: manifests taken whole or not at all, operations that run and run no more."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
import strawberry
from sqlalchemy import func, select

from app.config import Settings
from app.registry import Registry
from app.uses import Uses
from db.reads.operations import runnable_since
from db.tables.operations import persisted_operations
from db.uses import note_operation_uses
from domain.identity.actor import Actor
from domain.identity.api_key import ActingKey, ApiKeyKind
from domain.identity.roles import Role
from domain.ids import ApiKeyId, IdKind, OperationId, decode_id, encode_id, new_id
from domain.operations.manifest import MANIFEST_MAX
from domain.operations.registering import OWNED_MAX
from resolvers.policy import ApiPolicy
from tests.api import Api, ApiProcess
from tests.commands import Commands
from tests.makers.manifests import FLAGS, ME, apollo, codegen, digest_of, relay
from tests.makers.people import make_person
from transport.asking import Asked
from transport.operations import Operations

OPERATION = """
id documentId aliases name type state cost firstUsedAt lastUsedAt registeredBy registeredAt retiredAt retiredReason
owner { id }
"""
TAKEN = "operations { documentId name state aliases } newCount"
REGISTER = f"""
mutation($input: OperationsRegisterInput!) {{ operationsRegister(input: $input) {{
  operations {{ {OPERATION} }} newCount
  errors {{ __typename reason path message ... on OperationFaultError {{ fault operationId operationName }} }} }} }}
"""
LIST = """
query($filter: OperationFilterInput, $first: Int, $after: String) {
  operations(filter: $filter, first: $first, after: $after) { nodes { name } nextCursor } }
"""
ONE = "query($id: ID!) { operation(id: $id) { name body } }"


def key_of(owner: Actor, kind: ApiKeyKind) -> Actor:
    return Actor.by_key(ActingKey(ApiKeyId(new_id()), kind), owner.user_id, owner.roles)


async def register(api: Api, actor: Actor, manifest: object, **more: Any) -> Any:
    return (await api.as_(actor).ask(REGISTER, input={"manifest": manifest, **more}))["operationsRegister"]


async def count(commands: Commands) -> int:
    async with commands.database.read() as connection:
        return await connection.scalar(select(func.count()).select_from(persisted_operations)) or 0


@pytest.fixture
def by_id(schema: strawberry.Schema, registry: Registry, api: Api) -> Api:
    """The same process, which runs registered operations by their ids."""
    operations = Operations(schema, policy=ApiPolicy(), persisted=registry.documents, mode=Settings().execution)
    return api.on(operations)


async def run(api: Api, actor: Actor, *, document_id: str | None = None, text: str = "") -> Any:
    """The data, or the codes of the errors."""
    process: ApiProcess = api._process
    answer = await process.operations.execute(Asked(text, None, document_id=document_id), process.context(actor))
    told = orjson.loads(answer.body)
    return told.get("data") or [error["extensions"]["code"] for error in told["errors"]]


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


async def test_owners_must_exist_and_have_room(api: Api, commands: Commands, monkeypatch: pytest.MonkeyPatch) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    monkeypatch.setattr("domain.operations.registering.OWNED_MAX", 1)

    missing = await register(api, admin, apollo(ME), ownerId=encode_id(IdKind.USER, new_id()))
    crowded = await register(api, admin, apollo(ME, FLAGS), ownerId=owner.label)
    fitting = await register(api, admin, apollo(ME), ownerId=owner.label)
    again = await register(api, admin, apollo(ME), ownerId=owner.label)
    beyond = await register(api, admin, apollo(FLAGS), ownerId=owner.label)

    assert OWNED_MAX == 2_000
    assert [each["__typename"] for each in missing["errors"]] == ["NotFoundError"]
    assert [each["reason"] for each in (*crowded["errors"], *beyond["errors"])] == ["TOO_MANY_OPERATIONS"] * 2
    assert (fitting["errors"], again["errors"]) == ([], [])
    assert await count(commands) == 1


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


async def test_a_merchants_key_runs_what_is_registered_and_nothing_else(by_id: Api, commands: Commands) -> None:
    admin, owner, other = [await make_person(commands, role) for role in (Role.ADMIN, Role.MERCHANT, Role.MERCHANT)]
    merchant, theirs = key_of(owner, ApiKeyKind.MERCHANT), key_of(other, ApiKeyKind.MERCHANT)
    await register(by_id, admin, apollo(FLAGS))
    await register(by_id, admin, relay(ME), ownerId=owner.label)
    mine = {"viewer": {"id": owner.label}}

    for name in (f"sha256:{digest_of(ME)}", digest_of(ME), *relay(ME)):
        assert await run(by_id, merchant, document_id=name) == mine
        assert await run(by_id, theirs, document_id=name) == ["PERSISTED_OPERATION_NOT_FOUND"]
    assert await run(by_id, merchant, text=ME) == mine
    assert await run(by_id, merchant, document_id=f"sha256:{digest_of(FLAGS)}") == {"featureFlags": []}
    assert await run(by_id, theirs, text=FLAGS) == {"featureFlags": []}

    for text in (f"{ME} ", "{ viewer { id } }", "{ __schema { types { name } } }", "not graphql", ""):
        assert await run(by_id, merchant, text=text) == ["PERSISTED_OPERATION_NOT_FOUND"]
    assert await run(by_id, theirs, text=ME) == ["PERSISTED_OPERATION_NOT_FOUND"]
    forged = await run(by_id, merchant, document_id=f"sha256:{digest_of(ME)}", text="{ viewer { id } }")
    assert forged == ["BAD_REQUEST"]


async def test_people_and_developers_send_what_they_like(by_id: Api, commands: Commands) -> None:
    owner = await make_person(commands, Role.MERCHANT)

    for actor in (owner, key_of(owner, ApiKeyKind.DEVELOPER)):
        assert await run(by_id, actor, text="{ viewer { id } }") == {"viewer": {"id": owner.label}}
        assert await run(by_id, actor, document_id=f"sha256:{digest_of(ME)}") == ["PERSISTED_OPERATION_NOT_FOUND"]


async def test_a_draft_runs_when_it_is_activated_and_not_before(by_id: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    merchant = key_of(owner, ApiKeyKind.MERCHANT)
    drafted = await register(by_id, admin, apollo(ME, FLAGS), ownerId=owner.label, isDraft=True)
    one, other = drafted["operations"]
    before = await run(by_id, merchant, document_id=one["documentId"])

    activated = await by_id.as_(admin).command("operationActivate", "operation { state }", id=one["id"])
    again = await by_id.as_(admin).command("operationActivate", "operation { state }", id=one["id"])
    registered = await register(by_id, admin, apollo(FLAGS), ownerId=owner.label)

    assert [operation["state"] for operation in drafted["operations"]] == ["DRAFT", "DRAFT"]
    assert before == ["PERSISTED_OPERATION_NOT_FOUND"]
    assert activated == {"operation": {"state": "ACTIVE"}, "errors": []}
    assert [each["reason"] for each in again["errors"]] == ["ALREADY_ACTIVE"]
    assert (registered["newCount"], registered["operations"][0]["state"]) == (0, "ACTIVE")
    assert await run(by_id, merchant, document_id=one["documentId"]) == {"viewer": {"id": owner.label}}
    assert await run(by_id, merchant, document_id=other["documentId"]) == {"featureFlags": []}


async def test_what_was_retired_is_as_if_it_had_never_been(by_id: Api, commands: Commands) -> None:
    admin, owner = await make_person(commands, Role.ADMIN), await make_person(commands, Role.MERCHANT)
    merchant, developer = key_of(owner, ApiKeyKind.MERCHANT), key_of(owner, ApiKeyKind.DEVELOPER)
    [operation] = (await register(by_id, developer, apollo(ME)))["operations"]
    assert await run(by_id, merchant, text=ME) == {"viewer": {"id": owner.label}}

    retired = await by_id.as_(developer).command(
        "operationRetire", "operation { state retiredAt retiredReason }", id=operation["id"], reason="Old app"
    )

    assert retired == {
        "operation": {"state": "RETIRED", "retiredAt": "2026-11-20T12:00:00.000Z", "retiredReason": "Old app"},
        "errors": [],
    }
    for asked in ({"document_id": operation["documentId"]}, {"text": ME}):
        assert await run(by_id, merchant, **asked) == ["PERSISTED_OPERATION_NOT_FOUND"]
    again = await by_id.as_(admin).command("operationRetire", "operation { id }", id=operation["id"], reason="Old")
    registered = await register(by_id, developer, apollo(ME))
    assert [each["reason"] for each in again["errors"]] == ["ALREADY_RETIRED"]
    assert [(each["fault"], each["operationName"]) for each in registered["errors"]] == [("RETIRED", "Me")]
    assert [event.name for event in await commands.events()] == ["operations.registered", "operation.retired"]
    entry = (await commands.trail())[-1]
    assert (entry.subject, entry.reason) == (operation["id"], "Old app")

    await by_id.as_(admin).command("operationActivate", "operation { state }", id=operation["id"])
    assert await run(by_id, merchant, text=ME) == {"viewer": {"id": owner.label}}


async def test_what_runs_is_not_retired_by_accident(by_id: Api, commands: Commands, registry: Registry) -> None:
    admin = await make_person(commands, Role.ADMIN)
    [operation] = (await register(by_id, admin, apollo(FLAGS)))["operations"]
    id_ = OperationId(decode_id(IdKind.OPERATION, operation["id"]))
    await note_operation_uses(commands.database, [id_], at=commands.now)
    commands.later(timedelta(days=30))
    given = {"id": operation["id"], "reason": "Old app"}

    refused = await by_id.as_(admin).command("operationRetire", "operation { id }", **given)
    unsaid = await by_id.as_(admin).command("operationRetire", "operation { id }", **given | {"reason": " "})
    still = await run(by_id, admin, document_id=operation["documentId"])
    known = await by_id.as_(admin).command("operationRetire", "operation { state }", **given, evenIfUsed=True)

    assert [each["reason"] for each in refused["errors"]] == ["OPERATION_IN_USE"]
    assert [(each["__typename"], each["path"]) for each in unsaid["errors"]] == [("ValidationError", ["reason"])]
    assert still == {"featureFlags": []}
    assert known["operation"] == {"state": "RETIRED"}


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


async def test_first_and_last_use_are_written_together(by_id: Api, commands: Commands, registry: Registry) -> None:
    admin = await make_person(commands, Role.ADMIN)
    [operation] = (await register(by_id, admin, apollo(FLAGS)))["operations"]
    uses = registry.documents._from.uses
    assert isinstance(uses, Uses)
    shown = "query($id: ID!) { operation(id: $id) { firstUsedAt lastUsedAt } }"

    await run(by_id, admin, text=FLAGS)  # not by its id, and free to send any
    await uses.write()
    unused = await by_id.as_(admin).ask(shown, id=operation["id"])
    for minutes in (0, 5):
        commands.later(timedelta(minutes=minutes))
        await run(by_id, admin, document_id=operation["documentId"])
        await uses.write()

    assert unused["operation"] == {"firstUsedAt": None, "lastUsedAt": None}
    assert (await by_id.as_(admin).ask(shown, id=operation["id"]))["operation"] == {
        "firstUsedAt": "2026-11-20T12:00:00.000Z",
        "lastUsedAt": "2026-11-20T12:05:00.000Z",
    }
