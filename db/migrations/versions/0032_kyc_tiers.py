"""How well the market knows people.

Revision: 0032
"""

from db.migrating import run_script

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table kyc_standings (
            user_id uuid not null,
            tier text not null,
            reason text not null,
            set_by uuid,
            set_at timestamptz not null,
            version integer not null,
            constraint pk_kyc_standings primary key (user_id),
            constraint fk_kyc_standings_user_id_users foreign key (user_id) references users (id),
            constraint fk_kyc_standings_set_by_users foreign key (set_by) references users (id),
            constraint ck_kyc_standings_tier_known check (tier in ('UNVERIFIED', 'BASIC', 'FULL')),
            constraint ck_kyc_standings_set_by_another check (set_by <> user_id)
        )
        """
    )


def downgrade() -> None:
    run_script("drop table kyc_standings")
