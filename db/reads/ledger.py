"""The books for show: balances and the trial balance."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from db.tables.ledger import ledger_accounts, ledger_unfolded
from domain.ledger.account import AccountRef
from domain.ledger.statement import TrialBalanceLine
from domain.money import Money

# An owner's id within a path, and the asset behind it; what is left says what the account is for.
_OWNER: Final = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_ASSET: Final = ":[A-Z]+$"
TRIAL_BALANCE_LINES_MAX: Final = 500


async def balance_of(connection: AsyncConnection, account: AccountRef) -> Money:
    """What an account holds; nothing where it was never used."""
    found = select(current_balance()).where(ledger_accounts.c.path == account.path)
    return Money(int(await connection.scalar(found) or 0), account.asset)


async def trial_balance(connection: AsyncConnection) -> list[TrialBalanceLine]:
    """Balances by purpose and asset; those of one asset sum to zero."""
    purpose = func.regexp_replace(func.regexp_replace(ledger_accounts.c.path, _ASSET, ""), _OWNER, "*")
    statement = (
        select(
            purpose.label("account"),
            ledger_accounts.c.asset,
            func.count().label("accounts"),
            func.sum(current_balance()).label("balance"),
            func.sum(ledger_accounts.c.held_minor).label("held"),
        )
        .group_by(purpose, ledger_accounts.c.asset)
        .order_by(ledger_accounts.c.asset, purpose)
        .limit(TRIAL_BALANCE_LINES_MAX)
    )
    return [_trial_line(row) for row in await connection.execute(statement)]


def current_balance() -> ColumnElement[Any]:
    """The snapshot of an account and what came in since: within one statement, so that a fold counts nothing twice."""
    since = (
        select(func.coalesce(func.sum(ledger_unfolded.c.amount_minor), 0))
        .where(ledger_unfolded.c.account_id == ledger_accounts.c.id)
        .correlate(ledger_accounts)
        .scalar_subquery()
    )
    return ledger_accounts.c.posted_minor + since


def _trial_line(row: Row[Any]) -> TrialBalanceLine:
    return TrialBalanceLine(
        account=row.account,
        asset=row.asset,
        accounts=row.accounts,
        balance=Money(int(row.balance), row.asset),
        held=Money(int(row.held), row.asset),
    )
