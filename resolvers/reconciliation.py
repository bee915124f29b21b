"""Reconciliation of payouts: finance reads what differs, and acts."""

from __future__ import annotations

import strawberry

from db.reads.reconciliation import discrepancies_of_run, run_by_id, run_page
from domain.identity.roles import Permission
from domain.ids import DiscrepancyId, IdKind, ReconciliationRunId, decode_id
from domain.payouts.errors import ReconciliationRunNotFound
from domain.payouts.reconciling import compare_now
from domain.payouts.resolving import resolve_discrepancy
from domain.plain import to_plain
from resolvers.context import Info
from schema.access import holders_of
from schema.fields import mutation, query
from schema.pages import Connection, scope_of
from schema.reconciliation import (
    PayoutDiscrepancy,
    ReconciliationCompareInput,
    ReconciliationComparePayload,
    ReconciliationResolveInput,
    ReconciliationResolvePayload,
    ReconciliationRun,
)


def run_id_of(text: str, *, path: tuple[str, ...] = ("runId",)) -> ReconciliationRunId:
    """Read a run's id. Raises InvalidInput."""
    return ReconciliationRunId(decode_id(IdKind.RECONCILIATION_RUN, text, path=path))


@strawberry.type
class ReconciliationQuery:
    """What can be asked about reconciliation."""

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def reconciliation_run(self, info: Info, id: strawberry.ID) -> ReconciliationRun:
        """One rail's day."""
        run_id = run_id_of(id, path=("id",))
        async with info.context.database.read() as connection:
            found = await run_by_id(connection, run_id)
        if found is None:
            raise ReconciliationRunNotFound
        return ReconciliationRun.of(found)

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def reconciliation_runs(
        self, info: Info, first: int | None = None, after: str | None = None
    ) -> Connection[ReconciliationRun]:
        """What rails say beside what is booked, day by day, the latest first."""
        cursors, scope = info.context.cursors, scope_of("reconciliationRuns")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await run_page(connection, page=request)
        return Connection.of(page.map(ReconciliationRun.of), cursors=cursors, scope=scope, request=request)

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def payout_discrepancies(
        self, info: Info, run_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[PayoutDiscrepancy]:
        """What differed on a rail's day, and what was done about it."""
        run = run_id_of(run_id)
        cursors, scope = info.context.cursors, scope_of("payoutDiscrepancies", run)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await discrepancies_of_run(connection, run, page=request)
        return Connection.of(page.map(PayoutDiscrepancy.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class ReconciliationMutation:
    """What finance does about differences."""

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW), once=True)
    async def reconciliation_compare(
        self, info: Info, input: ReconciliationCompareInput
    ) -> ReconciliationComparePayload:
        """Compare a day of a rail now, with the statements that are here. New differences are added, those that went
        are cleared, and what finance did stays.
        """
        async with info.context.unit_of_work() as uow:
            run = await compare_now(uow, rail=input.rail, day=input.day)
            payload = ReconciliationComparePayload(run=ReconciliationRun.of(run))
            uow.remember(to_plain(payload))
        return payload

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW), once=True)
    async def reconciliation_resolve(
        self, info: Info, input: ReconciliationResolveInput
    ) -> ReconciliationResolvePayload:
        """Act on a difference between a rail's word and our record, once."""
        discrepancy_id = DiscrepancyId(decode_id(IdKind.DISCREPANCY, input.discrepancy_id, path=("discrepancyId",)))
        async with info.context.unit_of_work() as uow:
            found = await resolve_discrepancy(
                uow, discrepancy_id=discrepancy_id, action=input.action, reason=input.reason
            )
            payload = ReconciliationResolvePayload(discrepancy=PayoutDiscrepancy.of(found))
            uow.remember(to_plain(payload))
        return payload
