"""What registered operations do: they run by their ids for whom they are, and cease to."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import orjson
import pytest
import strawberry

from app.config import Settings
from app.registry import Registry
from app.uses import Uses
from db.uses import note_operation_uses
from domain.identity.actor import Actor
from domain.identity.api_key import ApiKeyKind
from domain.identity.roles import Role
from domain.ids import IdKind, OperationId, decode_id
from resolvers.policy import ApiPolicy
from tests.api import Api, ApiProcess
from tests.commands import Commands
from tests.makers.manifests import FLAGS, ME, apollo, digest_of, relay
from tests.makers.operations import key_of
from tests.makers.people import make_person
from tests.resolvers.registering import register
from transport.asking import Asked
from transport.operations import Operations


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
