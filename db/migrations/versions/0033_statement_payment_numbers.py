"""The number of the payment that a statement's line is about, for rails that tell of payments by their numbers.

Revision: 0033
"""

from db.migrating import run_script

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table payout_statement_lines add column payment_number text;
        create index ix_payout_statement_lines_payment_number on payout_statement_lines (payment_number)
            where reference is null and payment_number is not null
        """
    )


def downgrade() -> None:
    run_script("alter table payout_statement_lines drop column payment_number")
