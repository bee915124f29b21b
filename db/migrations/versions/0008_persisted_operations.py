"""Operations that clients registered.

Revision: 0008
"""

from db.migrating import run_script

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table persisted_operations (
            id uuid not null,
            document_id text not null,
            aliases text[] not null,
            name text not null,
            kind text not null,
            body text not null,
            owner_id uuid,
            state text not null,
            cost integer not null,
            registered_by text not null,
            registered_at timestamptz not null,
            changed_at timestamptz not null,
            first_used_at timestamptz,
            last_used_at timestamptz,
            retired_at timestamptz,
            retired_reason text,
            constraint pk_persisted_operations primary key (id),
            constraint uq_persisted_operations_document_id_owner_id unique nulls not distinct (document_id, owner_id),
            constraint fk_persisted_operations_owner_id foreign key (owner_id) references users (id),
            constraint ck_persisted_operations_kind check (kind in ('QUERY', 'MUTATION', 'SUBSCRIPTION')),
            constraint ck_persisted_operations_state check (state in ('DRAFT', 'ACTIVE', 'RETIRED')),
            constraint ck_persisted_operations_retired_at check ((state = 'RETIRED') = (retired_at is not null)),
            constraint ck_persisted_operations_retired_says_why
                check ((retired_at is null) = (retired_reason is null)),
            constraint ck_persisted_operations_document_id check (document_id ~ '^sha256:[0-9a-f]{64}$')
        );
        create index ix_persisted_operations_registered on persisted_operations (registered_at, id);
        create index ix_persisted_operations_owner on persisted_operations (owner_id, registered_at);
        create index ix_persisted_operations_changed on persisted_operations (changed_at);
        create index ix_persisted_operations_aliases on persisted_operations using gin (aliases);
        """
    )


def downgrade() -> None:
    run_script("drop table persisted_operations")
