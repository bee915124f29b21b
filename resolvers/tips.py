"""Tips: workers are found, their codes read, tips given and told live."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import strawberry

from db.engine import Connection as DatabaseConnection
from db.reads.tips import (
    NEAR_MAX,
    qr_by_id,
    qr_figures,
    qrs_of_worker,
    tip_by_id,
    tip_days,
    tips_of_giver,
    tips_of_worker,
    worker_of,
    workers_by_ids,
    workers_near,
)
from domain.errors import FieldFault, InvalidInput
from domain.identity.actor import Actor
from domain.ids import IdKind, TipId, WorkerId, decode_id
from domain.tips.errors import TipNotFound, TipQrNotFound, WorkerNotFound
from domain.tips.profile import register_worker, resolve_tip_qr
from domain.tips.tip import Tip as Given
from domain.tips.tip import TipState
from domain.tips.worker import Worker as Profile
from resolvers import tip_commands
from resolvers.context import Info
from schema.access import ANYONE, SIGNED_IN
from schema.fields import mutation, query
from schema.money import Money
from schema.pages import Connection, scope_of
from schema.tip_qrs import (
    TipQr,
    TipQrAnalytics,
    TipQrCreateInput,
    TipQrCreatePayload,
    TipQrResolveInput,
    TipQrResolvePayload,
    TipQrWithdrawInput,
    TipQrWithdrawPayload,
)
from schema.tips import (
    Tip,
    TipDay,
    TipGiveInput,
    TipGivePayload,
)
from schema.workers import (
    GeoPointInput,
    NearbyWorker,
    Worker,
    WorkerRegisterInput,
    WorkerRegisterPayload,
    WorkerSwitchInput,
    WorkerSwitchPayload,
)

METRES_MAX: Final = 50_000
DAYS_MAX: Final = 366


async def own_worker(connection: DatabaseConnection, actor: Actor) -> Profile:
    """The actor's profile. Raises WorkerNotFound."""
    found = await worker_of(connection, actor.user_id)
    if found is None:
        raise WorkerNotFound
    return found


def tip_id_of(text: str, *, path: tuple[str, ...] = ("tipId",)) -> TipId:
    """Read a tip's id. Raises InvalidInput."""
    return TipId(decode_id(IdKind.TIP, text, path=path))


async def visible_tip(connection: DatabaseConnection, tip_id: TipId, actor: Actor) -> Given:
    """A tip that the actor gave or promised, or was given: what was only promised, its worker does not see.

    Raises:
        TipNotFound: there is none for the actor.
    """
    found = await tip_by_id(connection, tip_id)
    if found is None:
        raise TipNotFound
    is_theirs = found.state is TipState.PAID and found.worker_user_id == actor.user
    if found.giver_id != actor.user and not is_theirs:
        raise TipNotFound
    return found


@strawberry.type
class ViewerTips:
    """What the viewer gave, and who they are to those who tip."""

    @query(access=SIGNED_IN)
    async def worker(self, info: Info) -> Worker | None:
        """Your profile, if you are a worker."""
        async with info.context.database.read() as connection:
            found = await worker_of(connection, info.context.actor.user_id)
        return Worker.of(found) if found else None

    @query(access=SIGNED_IN)
    async def tips_given(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Tip]:
        """What you gave or promised, the newest first. Pages of 1 to 50, 20 when nothing is said."""
        giver = info.context.actor.user_id
        cursors, scope = info.context.cursors, scope_of("viewer.tipsGiven", giver)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await tips_of_giver(connection, giver, page=request)
        return Connection.of(page.map(Tip.of), cursors=cursors, scope=scope, request=request)

    @query(access=SIGNED_IN)
    async def tips_received(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[Tip]:
        """What you were given as a worker, the newest first."""
        async with info.context.database.read() as connection:
            worker = await own_worker(connection, info.context.actor)
            cursors, scope = info.context.cursors, scope_of("viewer.tipsReceived", worker.id)
            request = cursors.request(scope, first=first, after=after)
            page = await tips_of_worker(connection, worker.id, page=request)
        return Connection.of(page.map(Tip.of), cursors=cursors, scope=scope, request=request)

    @query(access=SIGNED_IN)
    async def tip_qrs(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[TipQr]:
        """Your codes, the newest first, withdrawn ones too."""
        async with info.context.database.read() as connection:
            worker = await own_worker(connection, info.context.actor)
            cursors, scope = info.context.cursors, scope_of("viewer.tipQrs", worker.id)
            request = cursors.request(scope, first=first, after=after)
            page = await qrs_of_worker(connection, worker.id, page=request)
        return Connection.of(page.map(TipQr.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class TipQuery:
    """What can be asked about workers and tips."""

    @query(access=ANYONE)
    async def worker(self, info: Info, id: strawberry.ID) -> Worker:
        """One worker."""
        worker_id = WorkerId(decode_id(IdKind.WORKER, id))
        async with info.context.database.read() as connection:
            found = (await workers_by_ids(connection, [worker_id])).get(worker_id)
        if found is None:
            raise WorkerNotFound
        return Worker.of(found)

    @query(access=SIGNED_IN)
    async def tip(self, info: Info, id: strawberry.ID) -> Tip:
        """A tip that you gave or promised, or were given as a worker."""
        async with info.context.database.read() as connection:
            return Tip.of(await visible_tip(connection, tip_id_of(id, path=("id",)), info.context.actor))

    @query(access=ANYONE)
    async def workers_near(
        self, info: Info, point: GeoPointInput, radius_metres: int = 1_000, first: int = 20
    ) -> list[NearbyWorker]:
        """Workers who take tips within a circle, the nearest first."""
        if not 0 < radius_metres <= METRES_MAX:
            raise InvalidInput(FieldFault(("radiusMetres",), f"must be between 1 and {METRES_MAX}"))
        if not 0 < first <= NEAR_MAX:
            raise InvalidInput(FieldFault(("first",), f"must be between 1 and {NEAR_MAX}"))
        async with info.context.database.read() as connection:
            found = await workers_near(connection, point.parse(path=("point",)), metres=radius_metres, most=first)
        return [NearbyWorker(worker=Worker.of(worker), metres=metres) for worker, metres in found]

    @query(access=SIGNED_IN)
    async def tip_summary(self, info: Info, since: datetime, until: datetime) -> list[TipDay]:
        """What you were given as a worker by day in UTC, at most a year; days without any are left out."""
        if not timedelta(0) < until - since <= timedelta(days=DAYS_MAX):
            raise InvalidInput(FieldFault(("until",), f"must be at most {DAYS_MAX} days behind since"))
        async with info.context.database.read() as connection:
            worker = await own_worker(connection, info.context.actor)
            return [TipDay.of(day) for day in await tip_days(connection, worker.id, since=since, until=until)]

    @query(access=SIGNED_IN)
    async def qr_analytics(self, info: Info, qr_id: strawberry.ID | None = None) -> TipQrAnalytics:
        """How your codes are used: all of them, or one."""
        code_id = tip_commands.tip_qr_id_of(qr_id) if qr_id is not None else None
        async with info.context.database.read() as connection:
            worker = await own_worker(connection, info.context.actor)
            code = await qr_by_id(connection, code_id) if code_id is not None else None
            if code_id is not None and (code is None or code.worker_id != worker.id):
                raise TipQrNotFound
            return TipQrAnalytics.of(await qr_figures(connection, worker.id, qr_id=code_id))


@strawberry.type
class TipMutation:
    """How workers are found and tipped."""

    @mutation(access=SIGNED_IN)
    async def worker_register(self, info: Info, input: WorkerRegisterInput) -> WorkerRegisterPayload:
        """Be found by those who tip."""
        place = input.place.parse(path=("place",))
        async with info.context.unit_of_work() as uow:
            worker = await register_worker(
                uow, name=input.name, trade=input.trade, place_name=input.place_name, place=place
            )
        return WorkerRegisterPayload(worker=Worker.of(worker))

    @mutation(access=SIGNED_IN)
    async def worker_switch(self, info: Info, input: WorkerSwitchInput) -> WorkerSwitchPayload:
        """Take tips, or none for a while."""
        return await tip_commands.switch(info, input)

    @mutation(access=SIGNED_IN)
    async def tip_qr_create(self, info: Info, input: TipQrCreateInput) -> TipQrCreatePayload:
        """Make a code for a card: static, or with an amount or a spot."""
        return await tip_commands.create_qr(info, input)

    @mutation(access=SIGNED_IN)
    async def tip_qr_withdraw(self, info: Info, input: TipQrWithdrawInput) -> TipQrWithdrawPayload:
        """Make a code worth nothing, for example of a lost card."""
        return await tip_commands.withdraw_qr(info, input)

    @mutation(access=ANYONE)
    async def tip_qr_resolve(self, info: Info, input: TipQrResolveInput) -> TipQrResolvePayload:
        """Read a code: whose it is and what it asks for. The reading is counted."""
        async with info.context.unit_of_work() as uow:
            qr, worker = await resolve_tip_qr(uow, info.context.gateways, token=input.token)
        amount = Money.of(qr.amount) if qr.amount else None
        return TipQrResolvePayload(worker=Worker.of(worker), amount=amount, spot=qr.spot)

    @mutation(access=SIGNED_IN, once=True)
    async def tip_give(self, info: Info, input: TipGiveInput) -> TipGivePayload:
        """Tip a worker: from your wallet all of it is theirs at once, by a rail once the money arrived. tipEvents tell
        both sides.
        """
        return await tip_commands.give(info, input)
