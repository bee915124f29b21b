"""The books against themselves: every balance, hold and transfer recomputed from what it was made of."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from types import MappingProxyType
from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ledger.verification import Difference, Invariant, Verification

DIFFERENCES_MAX: Final = 100
_COUNTS: Final = text(
    """
    select (select count(*) from ledger_accounts) accounts, (select count(*) from ledger_transfers) transfers,
        (select count(*) from ledger_entries) entries, (select count(*) from ledger_holds) holds
    """
)
# Each answers the subject, what is expected and what was found, of every place where its invariant does not hold.
_QUERIES: Final[Mapping[Invariant, str]] = MappingProxyType(
    {
        Invariant.BALANCE_IS_ITS_ENTRIES: """
            select a.path, coalesce(e.total, 0), a.posted_minor + coalesce(u.total, 0)
            from ledger_accounts a
            left join (
                select account_id, sum(amount_minor) total from ledger_entries group by 1
            ) e on e.account_id = a.id
            left join (
                select account_id, sum(amount_minor) total from ledger_unfolded group by 1
            ) u on u.account_id = a.id
            where a.posted_minor + coalesce(u.total, 0) <> coalesce(e.total, 0)
        """,
        Invariant.HELD_IS_ITS_HOLDS: """
            select a.path, coalesce(h.total, 0), a.held_minor
            from ledger_accounts a
            left join (
                select account_id, sum(amount_minor) total from ledger_holds where state = 'HELD' group by 1
            ) h on h.account_id = a.id
            where a.held_minor <> coalesce(h.total, 0)
        """,
        Invariant.FLOOR_HOLDS: """
            select a.path, a.held_minor, a.posted_minor from ledger_accounts a
            where a.kind <> 'HOUSE' and a.posted_minor < a.held_minor
        """,
        Invariant.TRANSFER_SUMS_TO_ZERO: """
            select t.reference || ' in ' || s.asset, 0, s.total
            from (
                select e.transfer_id, a.asset, sum(e.amount_minor) total
                from ledger_entries e join ledger_accounts a on a.id = e.account_id
                group by 1, 2 having sum(e.amount_minor) <> 0
            ) s
            join ledger_transfers t on t.id = s.transfer_id
        """,
        Invariant.ENTRY_HAS_ITS_TRANSFER: """
            select 'entry ' || e.position || ' of account ' || e.account_id, 1, 0
            from ledger_entries e
            left join ledger_transfers t on t.id = e.transfer_id
            left join ledger_accounts a on a.id = e.account_id
            where t.id is null or a.id is null
        """,
        Invariant.TRANSFER_HAS_ENTRIES: """
            select t.reference, 2, 0 from ledger_transfers t
            where not exists (select from ledger_entries e where e.transfer_id = t.id)
        """,
        Invariant.RUNNING_BALANCE_RUNS: """
            select r.path || ' at ' || r.position, r.total, r.balance_after
            from (
                select a.path, e.position, e.balance_after,
                    sum(e.amount_minor) over (partition by e.account_id order by e.position) total
                from ledger_entries e join ledger_accounts a on a.id = e.account_id where a.kind = 'WALLET'
            ) r
            where r.balance_after is distinct from r.total
        """,
    }
)


async def verify_ledger(connection: AsyncConnection) -> Verification:
    """Recompute the books; `connection` sees one instant (`Database.snapshot`), else postings under way differ."""
    # It reads everything, which takes longer than any command may.
    await connection.execute(text("set local statement_timeout = 0"))
    counts = (await connection.execute(_COUNTS)).one()
    differences = [difference async for difference in _differences(connection)]
    return Verification(
        accounts=counts.accounts,
        transfers=counts.transfers,
        entries=counts.entries,
        holds=counts.holds,
        differences=tuple(differences),
    )


async def _differences(connection: AsyncConnection) -> AsyncIterator[Difference]:
    for invariant, query in _QUERIES.items():
        rows = await connection.execute(text(f"{query} limit {DIFFERENCES_MAX}"))
        for subject, expected, actual in rows:
            yield Difference(invariant, subject, int(expected), int(actual or 0))
