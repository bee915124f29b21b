"""Devices that were away push what they queued, and pull what changed."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import strawberry

from db.reads.sync import changes_since
from db.reads.tips import qr_by_id, qrs_by_ids, tips_by_ids, worker_of, workers_by_ids
from domain.errors import Conflict, DomainError, FieldFault, InvalidInput, VersionConflict
from domain.idempotency import KeyReused, Replayed
from domain.plain import from_plain
from domain.tips.errors import TipQrWithdrawn
from domain.tips.offline_sync import (
    BEGINNING,
    CHANGES_MAX,
    DependencyRefused,
    SyncKind,
    SyncMark,
    SyncPlace,
    TooManyOperations,
    require_pushable,
)
from resolvers import tip_commands
from resolvers.context import Info
from resolvers.policy import caller_of
from schema.access import SIGNED_IN
from schema.errors import Payload, errors_of
from schema.fields import idempotency_key_of, mutation, query
from schema.pages import scope_of
from schema.sync import (
    SyncAccepted,
    SyncChanges,
    SyncConflict,
    SyncOperationInput,
    SyncPushInput,
    SyncPushPayload,
    SyncRefused,
    SyncReplayed,
    SyncResult,
    SyncSubject,
)
from schema.tip_qrs import TipQr, TipQrCreatePayload, TipQrWithdrawPayload
from schema.tips import Tip, TipGivePayload
from schema.workers import Worker, WorkerSwitchPayload

SCOPE: Final = "syncPull"


@dataclass(frozen=True, slots=True)
class Queueable:
    """An operation that devices queue: its name as by itself, how it is carried out, and what its payload shows."""

    name: str
    carry_out: Callable[[Info, Any], Awaitable[Payload]]
    payload: type[Payload]
    shows: str


QUEUEABLE: Final = {
    "tip_give": Queueable("tipGive", tip_commands.give, TipGivePayload, "tip"),
    "worker_switch": Queueable("workerSwitch", tip_commands.switch, WorkerSwitchPayload, "worker"),
    "tip_qr_create": Queueable("tipQrCreate", tip_commands.create_qr, TipQrCreatePayload, "qr"),
    "tip_qr_withdraw": Queueable("tipQrWithdraw", tip_commands.withdraw_qr, TipQrWithdrawPayload, "qr"),
}


@strawberry.type
class SyncQuery:
    """What devices learn."""

    @query(access=SIGNED_IN)
    async def sync_pull(self, info: Info, after: str | None = None, first: int = CHANGES_MAX) -> SyncChanges:
        """What changed for you since a cursor of an earlier pull: tips that you gave or were given, your profile as a
        worker, your codes. From the beginning without one; 1 to 50 at once.
        """
        if not 1 <= first <= CHANGES_MAX:
            raise InvalidInput(FieldFault(("first",), f"must be 1 to {CHANGES_MAX}"))
        actor, cursors = info.context.actor, info.context.cursors
        scope = scope_of(SCOPE, actor.user_id)
        place = place_of(cursors.read(scope, after)) if after is not None else BEGINNING
        async with info.context.database.read() as connection:
            found = await changes_since(connection, actor.user_id, after=place, limit=first + 1)
            marks = found[:first]
            changes = await present_state(connection, marks)
        end = marks[-1].place if marks else place
        next_cursor = cursors.write(scope, (end.changed_in, end.subject_id.hex))
        return SyncChanges(changes=changes, next_cursor=next_cursor, has_more=len(found) > first)


@strawberry.type
class SyncMutation:
    """What devices bring."""

    @mutation(access=SIGNED_IN)
    async def sync_push(self, info: Info, input: SyncPushInput) -> SyncPushPayload:
        """Carry out what a device queued, in its order, each as if it came by itself and in a commit of its own. One
        that is refused stops only those that depend on it; what was pushed before is replayed.
        """
        queue = [chosen(operation, place) for place, operation in enumerate(input.operations)]
        keys = [command.idempotency_key for _, command in queue]
        require_pushable(keys, [operation.depends_on for operation in input.operations])
        results: list[SyncResult] = []
        not_done: set[str] = set()
        for place, (kind, command) in enumerate(queue):
            if place > 0:
                info.context.forget_loaded()
            if not_done.isdisjoint(input.operations[place].depends_on):
                result = await carried_out(info, kind, command, is_counted=place == 0)
            else:
                result = refused(info, command.idempotency_key, DependencyRefused())
            if isinstance(result, SyncConflict | SyncRefused):
                not_done.add(command.idempotency_key)
            results.append(result)
        return SyncPushPayload(results=results)


def chosen(operation: SyncOperationInput, place: int) -> tuple[Queueable, Any]:
    """Its kind and its input. Raises InvalidInput unless it is one."""
    given = [(kind, getattr(operation, name)) for name, kind in QUEUEABLE.items() if getattr(operation, name)]
    if len(given) != 1:
        raise InvalidInput(FieldFault(("operations", str(place)), "takes exactly one kind of operation"))
    return given[0]


async def carried_out(info: Info, kind: Queueable, command: Any, *, is_counted: bool) -> SyncResult:
    """Do it as its own mutation would: the same name, key, limit and use case. The request counted the first one."""
    context, key = info.context, command.idempotency_key
    context.operation, context.once = kind.name, None
    try:
        if not is_counted:
            count(info)
        context.once = idempotency_key_of(context, command)
        payload = await kind.carry_out(info, command)
        return SyncAccepted(idempotency_key=key, subject=getattr(payload, kind.shows))
    except Replayed as replayed:
        subject = getattr(from_plain(kind.payload, replayed.answer), kind.shows)
        return SyncReplayed(idempotency_key=key, subject=subject)
    except (VersionConflict, TipQrWithdrawn, KeyReused) as conflict:
        # A code that was withdrawn is at odds with who withdraws it, and a mere refusal to who tips by it.
        if isinstance(conflict, TipQrWithdrawn) and kind.name != "tipQrWithdraw":
            return refused(info, key, conflict)
        return await at_odds(info, kind, command, conflict)
    except DomainError as refusal:
        return refused(info, key, refusal)
    finally:
        context.once = None


def count(info: Info) -> None:
    """One operation more of the caller. Raises TooManyOperations."""
    context = info.context
    state = context.limiter.hit(caller_of(context.actor))
    if state is not None and state.is_exceeded:
        left = math.ceil((state.reset_at - context.clock.now()).total_seconds())
        raise TooManyOperations(retry_after_seconds=left)


def refused(info: Info, key: str, refusal: DomainError) -> SyncRefused:
    """Not done, for this reason."""
    return SyncRefused(idempotency_key=key, errors=errors_of(refusal, request_id=info.context.request_id))


async def at_odds(info: Info, kind: Queueable, command: Any, conflict: Conflict) -> SyncConflict:
    """With what there is now, which belongs to the caller: only that is told of as a conflict."""
    current: Worker | TipQr | None = None
    if not isinstance(conflict, KeyReused):
        async with info.context.database.read() as connection:
            if kind.name == "workerSwitch":
                worker = await worker_of(connection, info.context.actor.user_id)
                current = Worker.of(worker) if worker else None
            else:
                code = await qr_by_id(connection, tip_commands.tip_qr_id_of(command.qr_id))
                current = TipQr.of(code) if code else None
    return SyncConflict(
        idempotency_key=command.idempotency_key,
        error=errors_of(conflict, request_id=info.context.request_id)[0],
        current_version=current.version if current else None,
        current=current,
    )


async def present_state(connection: Any, marks: Sequence[SyncMark]) -> list[SyncSubject]:
    """What was marked, as it is now, in the order of the marks."""

    def of(kind: SyncKind) -> list[Any]:
        return [mark.place.subject_id for mark in marks if mark.kind is kind]

    shown: dict[UUID, SyncSubject] = {}
    for tip in await tips_by_ids(connection, of(SyncKind.TIP)):
        shown[tip.id] = Tip.of(tip)
    for worker in (await workers_by_ids(connection, of(SyncKind.WORKER))).values():
        shown[worker.id] = Worker.of(worker)
    for code in await qrs_by_ids(connection, of(SyncKind.TIP_QR)):
        shown[code.id] = TipQr.of(code)
    return [shown[mark.place.subject_id] for mark in marks]


def place_of(keys: tuple[str | int | None, ...]) -> SyncPlace:
    """What a cursor of ours says; it is signed, so it says nothing else."""
    changed_in, subject = keys
    assert isinstance(changed_in, int)
    assert isinstance(subject, str)
    return SyncPlace(changed_in, UUID(hex=subject))
