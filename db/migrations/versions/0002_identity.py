"""People, sessions with their refresh tokens, passcodes, PINs, device keys, outgoing messages, signing keys.

Revision: 0002
"""

from db.migrating import run_script

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table users (
            id uuid not null,
            display_name text not null,
            language text not null,
            phone text,
            email text,
            roles text[] not null,
            status text not null,
            blocked_reason text,
            blocked_until timestamptz,
            access_generation integer not null,
            access_changed_at timestamptz not null,
            registered_at timestamptz not null,
            version integer not null,
            constraint pk_users primary key (id),
            constraint uq_users_phone unique (phone),
            constraint uq_users_email unique (email),
            constraint ck_users_is_reachable check (phone is not null or email is not null),
            constraint ck_users_is_customer check ('CUSTOMER' = any(roles)),
            constraint ck_users_status check (status in ('ACTIVE', 'BLOCKED')),
            constraint ck_users_blocked_says_why check (status <> 'BLOCKED' or blocked_reason is not null)
        );
        create index ix_users_registered on users (registered_at, id);
        create index ix_users_access_changed on users (access_changed_at);
        create index ix_users_admins on users (id) where 'ADMIN' = any(roles);

        create table sessions (
            id uuid not null,
            user_id uuid not null,
            device_digest bytea not null,
            device_name text not null,
            device_platform text not null,
            started_at timestamptz not null,
            seen_at timestamptz not null,
            expires_at timestamptz not null,
            second_factor_at timestamptz,
            ended_at timestamptz,
            ended_reason text,
            constraint pk_sessions primary key (id),
            constraint fk_sessions_user_id foreign key (user_id) references users (id),
            constraint ck_sessions_ended_says_why check ((ended_at is null) = (ended_reason is null))
        );
        create index ix_sessions_of_user on sessions (user_id, seen_at) where ended_at is null;
        create index ix_sessions_ended on sessions (ended_at) where ended_at is not null;

        create table refresh_tokens (
            digest bytea not null,
            session_id uuid not null,
            issued_at timestamptz not null,
            expires_at timestamptz not null,
            used_at timestamptz,
            constraint pk_refresh_tokens primary key (digest),
            constraint fk_refresh_tokens_session_id foreign key (session_id) references sessions (id)
        );
        create index ix_refresh_tokens_session_expires on refresh_tokens (session_id, expires_at);

        create table passcodes (
            id uuid not null,
            purpose text not null,
            address_digest bytea not null,
            network text not null,
            code_digest bytea not null,
            issued_at timestamptz not null,
            expires_at timestamptz not null,
            tries integer not null,
            used_at timestamptz,
            constraint pk_passcodes primary key (id),
            constraint ck_passcodes_tries check (tries between 0 and 5)
        );
        create index ix_passcodes_address_issued on passcodes (address_digest, issued_at);
        create index ix_passcodes_network_issued on passcodes (network, issued_at);

        create table pins (
            user_id uuid not null,
            hash text not null,
            set_at timestamptz not null,
            failures integer not null,
            locked_until timestamptz,
            constraint pk_pins primary key (user_id),
            constraint fk_pins_user_id foreign key (user_id) references users (id),
            constraint ck_pins_failures check (failures between 0 and 4)
        );

        create table device_keys (
            id uuid not null,
            user_id uuid not null,
            device_digest bytea not null,
            device_name text not null,
            public_key bytea not null,
            enrolled_at timestamptz not null,
            challenge text,
            challenge_expires_at timestamptz,
            constraint pk_device_keys primary key (id),
            constraint fk_device_keys_user_id foreign key (user_id) references users (id),
            constraint uq_device_keys_user_id_device_digest unique (user_id, device_digest)
        );

        create table outgoing_messages (
            id uuid not null,
            channel text not null,
            sealed_address bytea not null,
            sealed_text bytea,
            useless_at timestamptz not null,
            created_at timestamptz not null,
            state text not null,
            attempts integer not null,
            next_attempt_at timestamptz not null,
            claimed_until timestamptz,
            sent_at timestamptz,
            constraint pk_outgoing_messages primary key (id),
            constraint ck_outgoing_messages_state check (state in ('WAITING', 'SENT', 'USELESS', 'DEAD')),
            constraint ck_outgoing_messages_waiting_has_text check (state <> 'WAITING' or sealed_text is not null)
        );
        create index ix_outgoing_messages_due on outgoing_messages (next_attempt_at) where state = 'WAITING';

        create table signing_keys (
            kid text not null,
            public_key bytea not null,
            sealed_private_key bytea not null,
            created_at timestamptz not null,
            retired_at timestamptz,
            verifies_until timestamptz,
            constraint pk_signing_keys primary key (kid),
            constraint ck_signing_keys_retired_ends check ((retired_at is null) = (verifies_until is null))
        );
        create unique index ix_signing_keys_one_signs on signing_keys (retired_at) nulls not distinct
            where retired_at is null;
        """
    )


def downgrade() -> None:
    run_script(
        "drop table signing_keys, outgoing_messages, device_keys, pins, passcodes, refresh_tokens, sessions, users"
    )
