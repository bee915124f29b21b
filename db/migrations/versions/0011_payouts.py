"""What leaves the market.

Revision: 0011
"""

from db.migrating import run_script

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table payouts (
            id uuid not null,
            owner_id uuid not null,
            amount_minor bigint not null,
            amount_asset text not null,
            value_minor bigint not null,
            rail text not null,
            sealed_destination bytea not null,
            destination_hint text not null,
            needs_two_persons boolean not null,
            state text not null,
            first_approved_by uuid,
            decided_by uuid,
            sent_as text,
            receipt_number text,
            failure text,
            asked_at timestamptz,
            requested_at timestamptz not null,
            updated_at timestamptz not null,
            version integer not null,
            constraint pk_payouts primary key (id),
            constraint uq_payouts_sent_as unique (sent_as),
            constraint fk_payouts_owner_id_users foreign key (owner_id) references users (id),
            constraint fk_payouts_first_approved_by_users foreign key (first_approved_by) references users (id),
            constraint fk_payouts_decided_by_users foreign key (decided_by) references users (id),
            constraint ck_payouts_amount_positive check (amount_minor > 0),
            constraint ck_payouts_state_known
                check (state in ('HELD', 'APPROVED', 'SENDING', 'UNKNOWN', 'PAID', 'FAILED', 'REJECTED')),
            constraint ck_payouts_paid_by_receipt check ((state = 'PAID') = (receipt_number is not null)),
            constraint ck_payouts_ended_says_why check ((state in ('FAILED', 'REJECTED')) = (failure is not null)),
            constraint ck_payouts_sent_by_name
                check ((state in ('SENDING', 'UNKNOWN', 'PAID', 'FAILED')) = (sent_as is not null)),
            constraint ck_payouts_two_persons check (first_approved_by <> decided_by or state = 'REJECTED')
        );
        create index ix_payouts_owner on payouts (owner_id, requested_at, id);
        create index ix_payouts_open on payouts (requested_at, id)
            where state in ('HELD', 'APPROVED', 'SENDING', 'UNKNOWN');
        """
    )


def downgrade() -> None:
    run_script("drop table payouts")
