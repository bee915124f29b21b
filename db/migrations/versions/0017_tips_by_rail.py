"""Tips that wait for a payment.

Revision: 0017
"""

from db.migrating import run_script

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table tips
            add column state text not null default 'PAID',
            add column payment_id uuid,
            add column failure text,
            add column version integer not null default 0,
            add constraint uq_tips_payment_id unique (payment_id),
            add constraint fk_tips_payment_id_payment_intents foreign key (payment_id) references payment_intents (id),
            add constraint ck_tips_state_known
                check (state in ('CREATED', 'STK_SENT', 'PAID', 'CANCELLED', 'FAILED', 'EXPIRED')),
            add constraint ck_tips_unpaid_has_payment check (state = 'PAID' or payment_id is not null),
            add constraint ck_tips_failed_says_why check ((state = 'FAILED') = (failure is not null));
        alter table tips alter column state drop default, alter column version drop default;
        create index ix_tips_waiting on tips (id) where state in ('CREATED', 'STK_SENT');
        """
    )


def downgrade() -> None:
    # Tips that nobody has paid are unknown to what comes before; their payments stay.
    run_script(
        """
        delete from tips where state <> 'PAID';
        alter table tips drop column state, drop column payment_id, drop column failure, drop column version;
        """
    )
