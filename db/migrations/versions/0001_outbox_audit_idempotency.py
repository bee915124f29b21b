"""The outbox with its streams, the audit trail, idempotency keys.

Revision: 0001
"""

from db.migrating import run_script

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table outbox (
            id bigint generated always as identity,
            event_id uuid not null,
            name text not null,
            version integer not null,
            subject text not null,
            body jsonb not null,
            actor text not null,
            request_id text not null,
            at timestamptz not null,
            numbered_at timestamptz,
            relayed_at timestamptz,
            parked_at timestamptz,
            failures integer not null default 0,
            constraint pk_outbox primary key (id),
            constraint uq_outbox_event_id unique (event_id)
        );
        create index ix_outbox_waiting on outbox (id) where relayed_at is null and parked_at is null;
        create index ix_outbox_at on outbox (at);

        create table streams (
            name text not null,
            epoch uuid not null,
            head bigint not null default 0,
            constraint pk_streams primary key (name)
        );
        create table stream_positions (
            stream text not null,
            position bigint not null,
            outbox_id bigint not null,
            constraint pk_stream_positions primary key (stream, position),
            constraint uq_stream_positions_outbox_id_stream unique (outbox_id, stream),
            constraint fk_stream_positions_stream foreign key (stream) references streams (name) on delete cascade,
            constraint fk_stream_positions_outbox_id foreign key (outbox_id) references outbox (id) on delete cascade
        );

        create table audit_entries (
            id uuid not null,
            actor text not null,
            operation text not null,
            subject text,
            reason text,
            changes jsonb not null,
            request_id text not null,
            address text not null,
            at timestamptz not null,
            constraint pk_audit_entries primary key (id)
        );
        create index ix_audit_entries_subject_at on audit_entries (subject, at);
        create index ix_audit_entries_actor_at on audit_entries (actor, at);
        create index ix_audit_entries_at_id on audit_entries (at, id);

        create table idempotency_keys (
            actor text not null,
            operation text not null,
            key text not null,
            input_hash bytea not null,
            answer jsonb,
            at timestamptz not null,
            constraint pk_idempotency_keys primary key (actor, operation, key)
        );
        create index ix_idempotency_keys_at on idempotency_keys (at);
        """
    )


def downgrade() -> None:
    run_script("drop table idempotency_keys, audit_entries, stream_positions, streams, outbox")
