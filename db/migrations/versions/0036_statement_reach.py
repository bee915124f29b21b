"""From when to when a statement tells, and when a payout's rail was first asked to pay it.

Revision: 0036
"""

from db.migrating import run_script

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table payouts add column sent_at timestamptz;
        alter table payout_statements
            add column tells_from timestamptz,
            add column tells_until timestamptz,
            add constraint ck_payout_statements_tells_from_until
                check ((tells_from is null) = (tells_until is null) and tells_from <= tells_until)
        """
    )


def downgrade() -> None:
    run_script(
        """
        alter table payout_statements drop column tells_from, drop column tells_until;
        alter table payouts drop column sent_at
        """
    )
