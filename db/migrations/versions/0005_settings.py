"""Settings that were changed from their default, and feature flags.

Revision: 0005
"""

from db.migrating import run_script

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table platform_settings (
            key text not null,
            value jsonb not null,
            version integer not null,
            updated_at timestamptz,
            constraint pk_platform_settings primary key (key)
        );
        create table feature_flags (
            key text not null,
            description text not null,
            is_enabled boolean not null,
            rollout_basis_points integer not null,
            version integer not null,
            updated_at timestamptz not null,
            constraint pk_feature_flags primary key (key),
            constraint ck_feature_flags_rollout check (rollout_basis_points between 0 and 10000)
        );
        """
    )


def downgrade() -> None:
    run_script("drop table feature_flags, platform_settings")
