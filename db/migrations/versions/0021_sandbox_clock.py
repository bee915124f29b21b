"""How far a sandbox is ahead of its machine.

Revision: 0021
"""

from db.migrating import run_script

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table sandbox_clock (
            id integer not null,
            ahead_seconds bigint not null,
            before_seconds bigint not null,
            begins_at timestamptz not null,
            constraint pk_sandbox_clock primary key (id),
            constraint ck_sandbox_clock_one_row check (id = 1),
            constraint ck_sandbox_clock_forward check (before_seconds >= 0 and ahead_seconds >= before_seconds)
        )
        """
    )


def downgrade() -> None:
    run_script("drop table sandbox_clock")
