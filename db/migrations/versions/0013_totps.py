"""Authenticators.

Revision: 0013
"""

from db.migrating import run_script

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table totps (
            user_id uuid not null,
            sealed_secret bytea not null,
            recovery_digests bytea[] not null,
            last_step integer not null,
            set_up_at timestamptz not null,
            confirmed_at timestamptz,
            failures integer not null,
            locked_until timestamptz,
            constraint pk_totps primary key (user_id),
            constraint fk_totps_user_id_users foreign key (user_id) references users (id),
            constraint ck_totps_failures check (failures between 0 and 4)
        );
        """
    )


def downgrade() -> None:
    run_script("drop table totps")
