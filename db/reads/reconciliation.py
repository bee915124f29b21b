"""Reconciliation for show."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Row, Table, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.reads.paging import keyset
from db.tables.reconciliation import payout_discrepancies, reconciliation_runs
from domain.ids import ReconciliationRunId
from domain.page import Page, PageRequest
from domain.payouts.reconciliation import Discrepancy, ReconciliationRun

_LATEST: Final = (reconciliation_runs.c.day.desc(), reconciliation_runs.c.id.desc())
_FIRST_FOUND: Final = (payout_discrepancies.c.id.asc(),)


async def run_by_id(connection: AsyncConnection, run_id: ReconciliationRunId) -> ReconciliationRun | None:
    """The run, if there is one."""
    row = (await connection.execute(select(reconciliation_runs).where(reconciliation_runs.c.id == run_id))).first()
    return ReconciliationRun(**_values(row, reconciliation_runs)) if row else None


async def run_page(connection: AsyncConnection, *, page: PageRequest) -> Page[ReconciliationRun]:
    """All runs, the latest day first."""
    found = await keyset(connection, select(reconciliation_runs), order=_LATEST, page=page)
    return found.map(lambda row: ReconciliationRun(**_values(row, reconciliation_runs)))


async def discrepancies_of_run(
    connection: AsyncConnection, run_id: ReconciliationRunId, *, page: PageRequest
) -> Page[Discrepancy]:
    """Those of a run, in the order in which they were found."""
    of_run = select(payout_discrepancies).where(payout_discrepancies.c.run_id == run_id)
    found = await keyset(connection, of_run, order=_FIRST_FOUND, page=page)
    return found.map(lambda row: Discrepancy(**_values(row, payout_discrepancies)))


def _values(row: Row[Any], table: Table) -> dict[str, Any]:
    return {column.name: row._mapping[column] for column in table.c}
