"""A run knows that a statement told of its day, so that finished days need not be looked through.

Revision: 0035
"""

from db.migrating import run_script

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table reconciliation_runs add column has_news boolean not null default false;
        alter table reconciliation_runs alter column has_news drop default;
        update reconciliation_runs runs set has_news = true where exists (
            select from payout_statement_lines lines
            join payout_statements statements on statements.id = lines.statement_id
            where lines.rail = runs.rail and lines.booked_on = runs.day
                and (runs.reconciled_at is null or statements.received_at > runs.reconciled_at)
        );
        drop index ix_reconciliation_runs_waiting;
        create index ix_reconciliation_runs_to_compare on reconciliation_runs (day, id)
            where state = 'WAITING' or has_news
        """
    )


def downgrade() -> None:
    run_script(
        """
        drop index ix_reconciliation_runs_to_compare;
        create index ix_reconciliation_runs_waiting on reconciliation_runs (day) where state = 'WAITING';
        alter table reconciliation_runs drop column has_news
        """
    )
