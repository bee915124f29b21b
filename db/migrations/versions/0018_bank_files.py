"""Files by which bank payouts leave.

Revision: 0018
"""

from db.migrating import run_script

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table bank_files (
            id uuid not null,
            format text not null,
            total_minor bigint not null,
            total_asset text not null,
            payments_count integer not null,
            sha256 text not null,
            size_bytes integer not null,
            sealed_content bytea,
            made_by uuid not null,
            made_at timestamptz not null,
            state text not null,
            attempts integer not null,
            next_attempt_at timestamptz not null,
            claimed_until timestamptz,
            constraint pk_bank_files primary key (id),
            constraint fk_bank_files_made_by_users foreign key (made_by) references users (id),
            constraint ck_bank_files_not_empty check (total_minor > 0 and payments_count > 0),
            constraint ck_bank_files_sha256_whole check (length(sha256) = 64),
            constraint ck_bank_files_state_known check (state in ('WAITING', 'STORED', 'DEAD')),
            constraint ck_bank_files_kept_somewhere check ((state = 'STORED') = (sealed_content is null))
        );
        create index ix_bank_files_made_at on bank_files (made_at, id);
        create index ix_bank_files_waiting on bank_files (next_attempt_at) where state = 'WAITING';
        create table bank_file_payments (
            payout_id uuid not null,
            file_id uuid not null,
            place integer not null,
            constraint pk_bank_file_payments primary key (payout_id),
            constraint fk_bank_file_payments_payout_id_payouts foreign key (payout_id) references payouts (id),
            constraint fk_bank_file_payments_file_id_bank_files foreign key (file_id) references bank_files (id)
        );
        create unique index uq_bank_file_payments_place on bank_file_payments (file_id, place);
        """
    )


def downgrade() -> None:
    run_script("drop table bank_file_payments, bank_files")
