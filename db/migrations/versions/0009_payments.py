"""Payments: intents, receipts, bank transfers with their proofs, and what they become.

Revision: 0009
"""

from db.migrating import run_script

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table payment_intents (
            id uuid not null,
            payer_id uuid not null,
            purpose text not null,
            rail text not null,
            amount_minor bigint not null,
            amount_asset text not null,
            state text not null,
            provider_reference text,
            receipt_number text,
            failure text,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            expires_at timestamptz not null,
            version integer not null,
            constraint pk_payment_intents primary key (id),
            constraint fk_payment_intents_payer_id_users foreign key (payer_id) references users (id),
            constraint ck_payment_intents_amount_positive check (amount_minor > 0),
            constraint ck_payment_intents_state_known
                check (state in ('REQUESTED', 'AWAITING_PAYER', 'PAID', 'CANCELLED', 'FAILED', 'EXPIRED')),
            constraint ck_payment_intents_paid_by_receipt check ((state = 'PAID') = (receipt_number is not null)),
            constraint ck_payment_intents_failed_says_why check (state <> 'FAILED' or failure is not null)
        );
        create unique index uq_payment_intents_provider_reference on payment_intents (rail, provider_reference)
            where provider_reference is not null;
        create index ix_payment_intents_payer on payment_intents (payer_id, created_at, id);
        create index ix_payment_intents_open on payment_intents (expires_at)
            where state in ('REQUESTED', 'AWAITING_PAYER');
        create table payment_receipts (
            rail text not null,
            number text not null,
            payment_id uuid not null,
            amount_minor bigint not null,
            amount_asset text not null,
            received_at timestamptz not null,
            constraint pk_payment_receipts primary key (rail, number),
            constraint fk_payment_receipts_payment_id_payment_intents
                foreign key (payment_id) references payment_intents (id)
        );
        create index ix_payment_receipts_payment_id on payment_receipts (payment_id);
        create table uploads (
            id uuid not null,
            owner_id uuid not null,
            purpose text not null,
            content_type text not null,
            size_bytes integer not null,
            sha256 text not null,
            stored_at timestamptz not null,
            constraint pk_uploads primary key (id),
            constraint fk_uploads_owner_id_users foreign key (owner_id) references users (id),
            constraint ck_uploads_size_positive check (size_bytes > 0),
            constraint ck_uploads_sha256_whole check (length(sha256) = 64)
        );
        create index ix_uploads_owner_id on uploads (owner_id);
        create table bank_transfers (
            payment_id uuid not null,
            reference text not null,
            account text not null,
            proof_id uuid,
            proved_at timestamptz,
            decided_by uuid,
            decided_at timestamptz,
            version integer not null,
            constraint pk_bank_transfers primary key (payment_id),
            constraint uq_bank_transfers_reference unique (reference),
            constraint fk_bank_transfers_payment_id_payment_intents
                foreign key (payment_id) references payment_intents (id),
            constraint fk_bank_transfers_proof_id_uploads foreign key (proof_id) references uploads (id),
            constraint fk_bank_transfers_decided_by_users foreign key (decided_by) references users (id),
            constraint ck_bank_transfers_proved_by_file check ((proof_id is null) = (proved_at is null)),
            constraint ck_bank_transfers_decided_by_person check ((decided_by is null) = (decided_at is null))
        );
        create index ix_bank_transfers_queue on bank_transfers (proved_at, payment_id) where decided_at is null;
        create table top_ups (
            payment_id uuid not null,
            result_minor bigint not null,
            result_asset text not null,
            value_minor bigint not null,
            fee_minor bigint not null,
            amount_rate_id uuid,
            result_rate_id uuid,
            words text not null,
            constraint pk_top_ups primary key (payment_id),
            constraint fk_top_ups_payment_id_payment_intents foreign key (payment_id) references payment_intents (id),
            constraint fk_top_ups_amount_rate_id_exchange_rates
                foreign key (amount_rate_id) references exchange_rates (id),
            constraint fk_top_ups_result_rate_id_exchange_rates
                foreign key (result_rate_id) references exchange_rates (id),
            constraint ck_top_ups_result_positive check (result_minor > 0),
            constraint ck_top_ups_fee_within_value check (fee_minor between 0 and value_minor)
        );
        """
    )


def downgrade() -> None:
    run_script("drop table top_ups, bank_transfers, uploads, payment_receipts, payment_intents")
