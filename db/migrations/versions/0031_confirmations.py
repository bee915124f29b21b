"""What people were told by e-mail of their money.

Revision: 0031
"""

from db.migrating import run_script

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table confirmations (
            kind text not null,
            subject_id uuid not null,
            told_at timestamptz not null,
            constraint pk_confirmations primary key (kind, subject_id),
            constraint ck_confirmations_kind_known check (kind in ('PAYOUT', 'REFUND'))
        );
        create index ix_refunds_made_at on refunds (made_at)
        """
    )


def downgrade() -> None:
    run_script("drop index ix_refunds_made_at; drop table confirmations")
