"""What is typed instead of reading a tip code. Codes of before have none.

Revision: 0030
"""

from db.migrating import run_script

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table tip_qrs add column short_code text,
            add constraint uq_tip_qrs_short_code unique (short_code),
            add constraint ck_tip_qrs_short_code_digits check (short_code ~ '^[0-9]{9}$');
        """
    )


def downgrade() -> None:
    run_script("alter table tip_qrs drop column short_code")
