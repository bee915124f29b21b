"""What rails say that they did with payouts.

Revision: 0022
"""

from db.migrating import run_script

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table payout_statements (
            id uuid not null,
            rail text not null,
            sha256 text not null,
            lines_count integer not null,
            submitted_by uuid,
            upload_id uuid,
            received_at timestamptz not null,
            constraint pk_payout_statements primary key (id),
            constraint uq_payout_statements_rail_sha256 unique (rail, sha256),
            constraint fk_payout_statements_submitted_by_users foreign key (submitted_by) references users (id),
            constraint fk_payout_statements_upload_id_uploads foreign key (upload_id) references uploads (id),
            constraint ck_payout_statements_sha256_whole check (length(sha256) = 64),
            constraint ck_payout_statements_brought_as_a_file check ((submitted_by is null) = (upload_id is null))
        );
        create index ix_payout_statements_received_at on payout_statements (received_at, id);
        create table payout_statement_lines (
            id uuid not null,
            statement_id uuid not null,
            place integer not null,
            rail text not null,
            kind text not null,
            reference text,
            number text not null,
            amount_minor bigint not null,
            amount_asset text not null,
            booked_on date not null,
            words text not null,
            payout_id uuid,
            state text not null,
            attempts integer not null,
            next_attempt_at timestamptz not null,
            claimed_until timestamptz,
            constraint pk_payout_statement_lines primary key (id),
            constraint uq_payout_statement_lines_statement_id_place unique (statement_id, place),
            constraint fk_payout_statement_lines_statement_id_payout_statements
                foreign key (statement_id) references payout_statements (id),
            constraint fk_payout_statement_lines_payout_id_payouts foreign key (payout_id) references payouts (id),
            constraint ck_payout_statement_lines_amount_positive check (amount_minor > 0),
            constraint ck_payout_statement_lines_kind_known check (kind in ('PAID', 'REFUSED', 'RETURNED')),
            constraint ck_payout_statement_lines_booked_on_a_payout
                check (state not in ('SETTLED', 'FAILED', 'KNOWN') or payout_id is not null)
        );
        create index ix_payout_statement_lines_day on payout_statement_lines (rail, booked_on);
        create index ix_payout_statement_lines_reference on payout_statement_lines (reference)
            where reference is not null;
        create index ix_payout_statement_lines_waiting on payout_statement_lines (next_attempt_at)
            where state = 'WAITING';
        """
    )


def downgrade() -> None:
    run_script("drop table payout_statement_lines, payout_statements")
