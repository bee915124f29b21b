"""Payments by acquirers: how they stand there, the callbacks as they were signed, and disputes.

Revision: 0019
"""

from db.migrating import run_script

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table checkouts (
            payment_id uuid not null,
            rail text not null,
            reference text not null,
            state text not null,
            names_used integer not null,
            calls integer not null,
            next_call_at timestamptz,
            closing_since timestamptz,
            provider_id text,
            "authorization" text,
            public_key text,
            sealed_secret bytea,
            sealed_url bytea,
            decline text,
            opened_at timestamptz,
            told_at timestamptz,
            constraint pk_checkouts primary key (payment_id),
            constraint fk_checkouts_payment_id_payment_intents
                foreign key (payment_id) references payment_intents (id),
            constraint uq_checkouts_reference unique (reference),
            constraint uq_checkouts_rail_provider_id unique (rail, provider_id),
            constraint ck_checkouts_state_known
                check (state in ('WAITING', 'OPENING', 'OPEN', 'AUTHENTICATING', 'PROCESSING', 'APPROVED', 'PAID',
                                 'CLOSED', 'REFUSED')),
            constraint ck_checkouts_asked_until_its_end
                check ((state in ('PAID', 'CLOSED', 'REFUSED')) = (next_call_at is null)),
            constraint ck_checkouts_opened_is_known
                check (state in ('WAITING', 'OPENING', 'CLOSED', 'REFUSED') or provider_id is not null)
        );
        create index ix_checkouts_due on checkouts (next_call_at) where next_call_at is not null;
        create table acquirer_callbacks (
            id uuid not null,
            rail text not null,
            event_id text not null,
            body bytea not null,
            source text not null,
            request_id text not null,
            received_at timestamptz not null,
            state text not null,
            outcome text,
            attempts integer not null,
            next_attempt_at timestamptz not null,
            claimed_until timestamptz,
            constraint pk_acquirer_callbacks primary key (id),
            constraint uq_acquirer_callbacks_rail_event_id unique (rail, event_id),
            constraint ck_acquirer_callbacks_state_known check (state in ('WAITING', 'TAKEN', 'REFUSED', 'DEAD')),
            constraint ck_acquirer_callbacks_decided_says_why
                check (state not in ('TAKEN', 'REFUSED') or outcome is not null)
        );
        create index ix_acquirer_callbacks_waiting on acquirer_callbacks (next_attempt_at) where state = 'WAITING';
        create table payment_disputes (
            id uuid not null,
            payment_id uuid not null,
            rail text not null,
            provider_id text not null,
            amount_minor bigint not null,
            amount_asset text not null,
            reason text not null,
            status text not null,
            opened_at timestamptz not null,
            told_at timestamptz not null,
            constraint pk_payment_disputes primary key (id),
            constraint fk_payment_disputes_payment_id_payment_intents
                foreign key (payment_id) references payment_intents (id),
            constraint uq_payment_disputes_rail_provider_id unique (rail, provider_id),
            constraint ck_payment_disputes_amount_positive check (amount_minor > 0)
        );
        create index ix_payment_disputes_payment_id on payment_disputes (payment_id);
        create index ix_payment_disputes_opened on payment_disputes (opened_at, id);
        """
    )


def downgrade() -> None:
    run_script("drop table payment_disputes, acquirer_callbacks, checkouts")
