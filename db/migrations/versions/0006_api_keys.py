"""Keys by which programs act for people, and the signatures that were used once.

Revision: 0006
"""

from db.migrating import run_script

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table api_keys (
            id uuid not null,
            owner_id uuid not null,
            kind text not null,
            label text not null,
            networks text[] not null,
            sealed_secret bytea not null,
            created_at timestamptz not null,
            last_used_at timestamptz,
            revoked_at timestamptz,
            constraint pk_api_keys primary key (id),
            constraint fk_api_keys_owner_id foreign key (owner_id) references users (id),
            constraint ck_api_keys_kind check (kind in ('MERCHANT', 'DEVELOPER'))
        );
        create index ix_api_keys_owner_created on api_keys (owner_id, created_at);
        create index ix_api_keys_created on api_keys (created_at, id);
        create index ix_api_keys_revoked on api_keys (revoked_at) where revoked_at is not null;

        create table used_signatures (
            signature bytea not null,
            used_at timestamptz not null,
            constraint pk_used_signatures primary key (signature)
        );
        create index ix_used_signatures_used on used_signatures (used_at);
        """
    )


def downgrade() -> None:
    run_script("drop table used_signatures, api_keys")
