"""What a process remembers of registered operations, and for whom."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from app.registered_documents import RegisteredDocuments, Source
from app.uses import Uses
from domain.identity.actor import Actor
from domain.identity.api_key import ApiKeyKind
from domain.identity.roles import Role
from domain.ids import OperationId
from domain.operations.retiring import retire_operation
from resolvers.context import ApiContext
from tests.commands import Commands
from tests.makers.manifests import ME, codegen, digest_of, relay
from tests.makers.operations import key_of, register_unchecked
from tests.makers.people import make_person

ID = f"sha256:{digest_of(ME)}"


def context_of(actor: Actor) -> ApiContext:
    """As much of a context as who asks for a document has to show."""
    context = object.__new__(ApiContext)
    context.actor = actor
    return context


async def opened(commands: Commands, *, remembers_texts: bool = True) -> RegisteredDocuments:
    documents = RegisteredDocuments(remembers_texts=remembers_texts)
    uses = Uses(commands.database, clock=commands.clock)
    await documents.open(Source(commands.database, commands.clock, uses))
    return documents


async def retire(commands: Commands, operation_id: OperationId) -> None:
    async with commands.by_system() as uow:
        await retire_operation(uow, operation_id=operation_id, reason="Old", even_if_used=True)


async def test_what_was_registered_elsewhere_is_found_when_it_is_asked_for(commands: Commands) -> None:
    documents, nobody = await opened(commands), context_of(Actor.anonymous())
    await register_unchecked(commands, relay(ME))

    unheard = documents.find(ID, nobody)
    fetched = await documents.fetch(ID, nobody)

    assert (unheard, fetched) == (None, ME)
    for name in (ID, digest_of(ME), *relay(ME)):
        assert documents.find(name, nobody) == ME
    for name in (f"{ID} ", digest_of(f"{ME} "), "", "é" * 40, "\0" * 64, "x" * 10_000, ID.upper()):
        assert (documents.find(name, nobody), await documents.fetch(name, nobody)) == (None, None)


async def test_a_bare_digest_and_an_alias_are_fetched_too(commands: Commands) -> None:
    await register_unchecked(commands, relay(ME))
    nobody = context_of(Actor.anonymous())

    for name in (digest_of(ME), *relay(ME)):
        documents = RegisteredDocuments()
        clock = commands.clock
        documents._source = Source(commands.database, clock, Uses(commands.database, clock=clock))
        assert await documents.fetch(name, nobody) == ME


async def test_what_was_retired_elsewhere_is_forgotten_at_the_next_reading(commands: Commands) -> None:
    taken = await register_unchecked(commands, codegen(ME))
    documents, nobody = await opened(commands), context_of(Actor.anonymous())
    commands.later(timedelta(hours=2))
    await documents.refresh()
    await retire(commands, taken.operations[0].id)

    before = documents.find(ID, nobody)
    await documents.refresh()

    assert (before, documents.find(ID, nobody), await documents.fetch(ID, nobody)) == (ME, None, None)


async def test_who_remembers_answers_hears_of_changes_and_of_nothing_else(commands: Commands) -> None:
    taken = await register_unchecked(commands, codegen(ME))
    documents = await opened(commands)
    changes: list[int] = []
    documents.when_changed(lambda: changes.append(1))

    for _ in range(3):
        await documents.refresh()
    unchanged = len(changes)
    await retire(commands, taken.operations[0].id)
    for _ in range(3):
        await documents.refresh()

    assert (unchanged, len(changes)) == (0, 1)


async def test_what_commits_late_is_not_missed(commands: Commands) -> None:
    documents, nobody = await opened(commands), context_of(Actor.anonymous())
    commands.later(timedelta(seconds=50))
    await documents.refresh()
    commands.later(timedelta(seconds=-50))

    await register_unchecked(commands, codegen(ME))
    commands.later(timedelta(seconds=50))
    await documents.refresh()

    assert documents.find(ID, nobody) == ME


async def test_an_owners_is_for_the_owner_alone(commands: Commands) -> None:
    owner, other = [await make_person(commands, Role.MERCHANT) for _ in range(2)]
    await register_unchecked(commands, codegen(ME), owner_id=owner.user)
    documents = await opened(commands)

    for actor in (owner, *(key_of(owner, kind) for kind in ApiKeyKind)):
        assert documents.find(ID, context_of(actor)) == ME
    for actor in (other, Actor.anonymous(), *(key_of(other, kind) for kind in ApiKeyKind)):
        assert documents.find(ID, context_of(actor)) is None
        assert await documents.fetch(ID, context_of(actor)) is None


@pytest.mark.parametrize("remembers_texts", [True, False])
async def test_merchants_send_no_text_and_production_remembers_none(commands: Commands, remembers_texts: bool) -> None:
    owner = await make_person(commands, Role.MERCHANT)
    documents = await opened(commands, remembers_texts=remembers_texts)

    told = {
        name: (documents.takes_text(it), documents.takes_trusted(it), documents.registers(it))
        for name, it in {
            "person": context_of(owner),
            "developer": context_of(key_of(owner, ApiKeyKind.DEVELOPER)),
            "merchant": context_of(key_of(owner, ApiKeyKind.MERCHANT)),
        }.items()
    }

    assert told == {
        "person": (True, True, remembers_texts),
        "developer": (True, True, remembers_texts),
        "merchant": (False, False, False),
    }


async def test_two_processes_that_take_one_manifest_together_take_it_once(commands: Commands) -> None:
    manifest = codegen(ME, "query Other { viewer { id } }")

    taken = await asyncio.gather(*(register_unchecked(commands, manifest) for _ in range(4)))

    assert sorted(each.new_count for each in taken) == [0, 0, 0, 2]
    assert len({operation.id for each in taken for operation in each.operations}) == 2
