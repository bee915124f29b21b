"""What rails say of a day beside what is booked, and payouts that are brought back.

Revision: 0025
"""

from db.migrating import run_script

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table payouts
            drop constraint ck_payouts_state_known,
            drop constraint ck_payouts_paid_by_receipt,
            drop constraint ck_payouts_ended_says_why,
            drop constraint ck_payouts_sent_by_name,
            add constraint ck_payouts_state_known check (
                state in ('HELD', 'APPROVED', 'SENDING', 'UNKNOWN', 'PAID', 'FAILED', 'REJECTED', 'RETURNED')
            ),
            add constraint ck_payouts_paid_by_receipt
                check ((state in ('PAID', 'RETURNED')) = (receipt_number is not null)),
            add constraint ck_payouts_ended_says_why
                check ((state in ('FAILED', 'REJECTED', 'RETURNED')) = (failure is not null)),
            add constraint ck_payouts_sent_by_name
                check ((state in ('SENDING', 'UNKNOWN', 'PAID', 'FAILED', 'RETURNED')) = (sent_as is not null));
        create index ix_payouts_paid on payouts (rail, updated_at) where state = 'PAID';
        create table reconciliation_runs (
            id uuid not null,
            rail text not null,
            day date not null,
            state text not null,
            matched_count integer not null,
            missing_here_count integer not null,
            missing_there_count integer not null,
            wrong_amount_count integer not null,
            created_at timestamptz not null,
            reconciled_at timestamptz,
            constraint pk_reconciliation_runs primary key (id),
            constraint uq_reconciliation_runs_rail_day unique (rail, day),
            constraint ck_reconciliation_runs_done_at check ((state = 'DONE') = (reconciled_at is not null))
        );
        create index ix_reconciliation_runs_waiting on reconciliation_runs (day) where state = 'WAITING';
        create table payout_discrepancies (
            id uuid not null,
            run_id uuid not null,
            kind text not null,
            line_id uuid,
            line_kind text,
            payout_id uuid,
            reference text,
            number text,
            there_minor bigint,
            there_asset text,
            state text not null,
            action text,
            reason text,
            resolved_by uuid,
            resolved_at timestamptz,
            version integer not null,
            constraint pk_payout_discrepancies primary key (id),
            constraint fk_payout_discrepancies_run_id_reconciliation_runs
                foreign key (run_id) references reconciliation_runs (id),
            constraint fk_payout_discrepancies_line_id_payout_statement_lines
                foreign key (line_id) references payout_statement_lines (id),
            constraint fk_payout_discrepancies_payout_id_payouts foreign key (payout_id) references payouts (id),
            constraint fk_payout_discrepancies_resolved_by_users foreign key (resolved_by) references users (id),
            constraint ck_payout_discrepancies_has_a_side check (line_id is not null or payout_id is not null),
            constraint ck_payout_discrepancies_told_by_a_line
                check ((line_id is null) = (kind = 'MISSING_THERE')),
            constraint ck_payout_discrepancies_there_by_a_line check ((line_id is null) = (there_minor is null)),
            constraint ck_payout_discrepancies_resolved_by_somebody check (
                (state = 'RESOLVED') = (action is not null and reason is not null and resolved_by is not null)
            )
        );
        create index ix_payout_discrepancies_run_id on payout_discrepancies (run_id, id);
        """
    )


def downgrade() -> None:
    run_script(
        """
        drop table payout_discrepancies, reconciliation_runs;
        drop index ix_payouts_paid;
        alter table payouts
            drop constraint ck_payouts_state_known,
            drop constraint ck_payouts_paid_by_receipt,
            drop constraint ck_payouts_ended_says_why,
            drop constraint ck_payouts_sent_by_name,
            add constraint ck_payouts_state_known
                check (state in ('HELD', 'APPROVED', 'SENDING', 'UNKNOWN', 'PAID', 'FAILED', 'REJECTED')),
            add constraint ck_payouts_paid_by_receipt check ((state = 'PAID') = (receipt_number is not null)),
            add constraint ck_payouts_ended_says_why
                check ((state in ('FAILED', 'REJECTED')) = (failure is not null)),
            add constraint ck_payouts_sent_by_name
                check ((state in ('SENDING', 'UNKNOWN', 'PAID', 'FAILED')) = (sent_as is not null))
        """
    )
