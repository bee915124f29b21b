"""Payouts by mobile money: rails tell what became of them by themselves, and are left alone when they cannot pay.

Revision: 0024
"""

from db.migrating import run_script

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table payouts
            add column rail_reference text,
            add column contradicted_by text,
            add constraint ck_payouts_contradicted_when_given_back
                check (contradicted_by is null or state in ('FAILED', 'REJECTED'));
        create index ix_payouts_contradicted on payouts (requested_at, id) where contradicted_by is not null;
        create table payout_rail_pauses (
            rail text not null,
            reach text not null,
            why text not null,
            paused_at timestamptz not null,
            ends_at timestamptz,
            constraint pk_payout_rail_pauses primary key (rail),
            constraint ck_payout_rail_pauses_reach_known check (reach in ('SENDING', 'EVERYTHING'))
        );
        alter table mpesa_callbacks
            alter column payment_id drop not null,
            add column payout_id uuid,
            add column kind text,
            add constraint fk_mpesa_callbacks_payout_id_payouts foreign key (payout_id) references payouts (id),
            add constraint uq_mpesa_callbacks_payout_id_kind_body_digest unique (payout_id, kind, body_digest),
            add constraint ck_mpesa_callbacks_of_one check (num_nonnulls(payment_id, payout_id) = 1),
            add constraint ck_mpesa_callbacks_kind_known check (kind in ('RESULT', 'STATUS', 'TIMEOUT')),
            add constraint ck_mpesa_callbacks_payouts_have_kinds check ((payout_id is null) = (kind is null));
        drop index ix_mpesa_callbacks_waiting;
        create index ix_mpesa_callbacks_waiting on mpesa_callbacks (next_attempt_at)
            where state = 'WAITING' and payment_id is not null;
        create index ix_mpesa_callbacks_payouts_waiting on mpesa_callbacks (next_attempt_at)
            where state = 'WAITING' and payout_id is not null
        """
    )


def downgrade() -> None:
    run_script(
        """
        drop index ix_mpesa_callbacks_payouts_waiting;
        drop index ix_mpesa_callbacks_waiting;
        delete from mpesa_callbacks where payout_id is not null;
        alter table mpesa_callbacks
            drop constraint ck_mpesa_callbacks_payouts_have_kinds,
            drop constraint ck_mpesa_callbacks_kind_known,
            drop constraint ck_mpesa_callbacks_of_one,
            drop column kind,
            drop column payout_id,
            alter column payment_id set not null;
        create index ix_mpesa_callbacks_waiting on mpesa_callbacks (next_attempt_at) where state = 'WAITING';
        drop table payout_rail_pauses;
        alter table payouts
            drop constraint ck_payouts_contradicted_when_given_back,
            drop column contradicted_by,
            drop column rail_reference
        """
    )
