"""Payments by M-Pesa: prompts, and the callbacks as they came.

Revision: 0012
"""

from db.migrating import run_script

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table mpesa_requests (
            payment_id uuid not null,
            phone text not null,
            reference text not null,
            state text not null,
            attempts integer not null,
            next_attempt_at timestamptz not null,
            claimed_until timestamptz,
            callback_digest bytea,
            requested_at timestamptz,
            merchant_request_id text,
            checkout_request_id text,
            queries integer not null,
            next_query_at timestamptz,
            result_code text,
            receipt text,
            constraint pk_mpesa_requests primary key (payment_id),
            constraint fk_mpesa_requests_payment_id_payment_intents
                foreign key (payment_id) references payment_intents (id),
            constraint uq_mpesa_requests_reference unique (reference),
            constraint uq_mpesa_requests_callback_digest unique (callback_digest),
            constraint uq_mpesa_requests_checkout_request_id unique (checkout_request_id),
            constraint uq_mpesa_requests_receipt unique (receipt),
            constraint ck_mpesa_requests_state_known
                check (state in ('WAITING', 'SENDING', 'SENT', 'UNKNOWN', 'REFUSED', 'DROPPED')),
            constraint ck_mpesa_requests_reference_short check (length(reference) <= 12),
            constraint ck_mpesa_requests_sending_is_claimed check (state <> 'SENDING' or claimed_until is not null),
            constraint ck_mpesa_requests_sent_is_known check (state <> 'SENT' or checkout_request_id is not null),
            constraint ck_mpesa_requests_pushed_under_a_token
                check ((requested_at is null) = (callback_digest is null)),
            constraint ck_mpesa_requests_queried_by_checkout
                check (next_query_at is null or checkout_request_id is not null)
        );
        create index ix_mpesa_requests_waiting on mpesa_requests (next_attempt_at) where state = 'WAITING';
        create index ix_mpesa_requests_sending on mpesa_requests (claimed_until) where state = 'SENDING';
        create index ix_mpesa_requests_queries on mpesa_requests (next_query_at) where next_query_at is not null;
        create table mpesa_callbacks (
            id uuid not null,
            payment_id uuid not null,
            body bytea not null,
            body_digest bytea not null,
            source text not null,
            request_id text not null,
            received_at timestamptz not null,
            state text not null,
            outcome text,
            attempts integer not null,
            next_attempt_at timestamptz not null,
            claimed_until timestamptz,
            constraint pk_mpesa_callbacks primary key (id),
            constraint fk_mpesa_callbacks_payment_id_mpesa_requests
                foreign key (payment_id) references mpesa_requests (payment_id),
            constraint uq_mpesa_callbacks_payment_id_body_digest unique (payment_id, body_digest),
            constraint ck_mpesa_callbacks_state_known check (state in ('WAITING', 'TAKEN', 'REFUSED', 'DEAD')),
            constraint ck_mpesa_callbacks_decided_says_why
                check (state not in ('TAKEN', 'REFUSED') or outcome is not null)
        );
        create index ix_mpesa_callbacks_waiting on mpesa_callbacks (next_attempt_at) where state = 'WAITING';
        """
    )


def downgrade() -> None:
    run_script("drop table mpesa_callbacks, mpesa_requests")
