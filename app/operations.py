"""The registry from the command line: a manifest is registered, and all that is active is tried on another schema."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from graphql import GraphQLError
from graphql import build_schema as schema_of_text

from app.config import Settings
from app.document_checking import SchemaChecker
from app.wiring import wired
from db.reads.operations import RunnableOperation, operation_page, runnable_since
from domain.errors import DomainError
from domain.identity.actor import Actor
from domain.ids import IdKind, UserId, decode_id, encode_id
from domain.operations.checking import check_manifest
from domain.operations.errors import FaultyDocument, ManifestRefused
from domain.operations.operation import OperationFilter, OperationState, PersistedOperation
from domain.operations.registering import Registration, register_operations
from domain.page import PAGE_SIZE_MAX, PageRequest
from resolvers.executable_schema import build_schema
from transport.documents import Documents
from transport.limits import Limits
from transport.operations import Operations
from transport.persisted import NothingPersisted
from transport.policy import Plain


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of the active operations under a schema; a line for each that breaks."""

    count: int
    breaks: tuple[str, ...]


class Unreadable(Exception):
    """A file that was named is not what it should be. The message is for who named it."""


async def check_operations(settings: Settings, *, sdl: Path | None) -> Checked:
    """Try every active operation on the schema of the code, or of an SDL file.

    Raises:
        Unreadable: there is no such file, or no schema in it.
    """
    checker = checker_of(sdl)
    async with wired(settings, application_name="sokoni operations check") as wiring, wiring.database.read() as reading:
        active = await runnable_since(reading, None)
    return Checked(len(active), tuple(_breaks(active, checker)))


def read_json(path: Path) -> object:
    """What a file holds.

    Raises:
        Unreadable: there is no such file, or no JSON in it.
    """
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as fault:
        raise Unreadable(f"{path}: {fault}") from fault


async def register_manifest(settings: Settings, manifest: object, *, owner: str | None, is_draft: bool) -> Registration:
    """Register a manifest in the name of the market, for one person's programs or for everybody.

    Raises:
        Unreadable: something of it cannot be registered.
    """
    try:
        owner_id = UserId(decode_id(IdKind.USER, owner, path=("owner",))) if owner else None
        checked = await check_manifest(manifest, checker=checker_of(None))
        async with wired(settings, application_name="sokoni operations register") as wiring:
            command = wiring.unit_of_work(Actor.system(), operation="operationsRegister", request_id="command")
            async with command as uow:
                return await register_operations(uow, manifest=checked, owner_id=owner_id, is_draft=is_draft)
    except ManifestRefused as refused:
        lines = (f"{fault.name or fault.operation_id}: {fault.kind}: {fault.message}" for fault in refused.faults)
        raise Unreadable("\n".join(lines)) from refused
    except DomainError as refused:
        raise Unreadable(str(refused)) from refused


async def list_operations(settings: Settings, *, state: OperationState | None) -> list[PersistedOperation]:
    """All that is registered, the newest first."""
    listed: list[PersistedOperation] = []
    after: tuple[str | int | None, ...] | None = None
    async with wired(settings, application_name="sokoni operations list") as wiring, wiring.database.read() as reading:
        while True:
            request = PageRequest(PAGE_SIZE_MAX, after)
            page = await operation_page(reading, wanted=OperationFilter(state=state), page=request)
            listed += page.items
            if not page.has_next:
                return listed
            after = page.keys[-1]


def checker_of(sdl: Path | None) -> SchemaChecker:
    """What knows the schema of the code, or of an SDL file.

    Raises:
        Unreadable: there is no such file, or no schema in it.
    """
    if sdl is None:
        return SchemaChecker(Operations(build_schema()).prepare)
    try:
        schema = schema_of_text(sdl.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, GraphQLError) as fault:
        raise Unreadable(f"{sdl}: {fault}") from fault
    documents = Documents(schema, policy=Plain(), persisted=NothingPersisted(), suggests_names=True, limits=Limits())
    return SchemaChecker(documents.prepare)


def line_of(operation: RunnableOperation | PersistedOperation) -> str:
    """How an operation is called in a line of output: id, name, and whose it is."""
    owner = encode_id(IdKind.USER, operation.owner_id) if operation.owner_id else "everybody"
    return f"{operation.document_id} {operation.name} ({owner})"


def _breaks(active: Sequence[RunnableOperation], checker: SchemaChecker) -> Iterator[str]:
    for operation in sorted(active, key=lambda one: (one.name, one.document_id, str(one.owner_id))):
        try:
            checker.checked(operation.body)
        except FaultyDocument as faulty:
            yield f"{line_of(operation)}: {faulty.kind}: {faulty}"
