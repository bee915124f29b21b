"""Tips leave by rules of their workers, each in one payout.

Revision: 0028
"""

from db.migrating import run_script

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table payouts add column is_by_rule boolean not null default false;
        alter table payouts alter column is_by_rule drop default;
        alter table tips
            add column payout_id uuid,
            add constraint fk_tips_payout_id_payouts foreign key (payout_id) references payouts (id),
            add constraint ck_tips_paid_out_when_paid check (payout_id is null or state = 'PAID');
        create index ix_tips_staying on tips (worker_id, given_at, id) where state = 'PAID' and payout_id is null;
        create index ix_tips_payout_id on tips (payout_id) where payout_id is not null;
        create table tip_payout_rules (
            worker_id uuid not null,
            user_id uuid not null,
            "when" text not null,
            minimum_minor bigint not null,
            since timestamptz not null,
            waits_until timestamptz not null,
            carried_minor bigint not null,
            version integer not null,
            constraint pk_tip_payout_rules primary key (worker_id),
            constraint fk_tip_payout_rules_worker_id_workers foreign key (worker_id) references workers (id),
            constraint fk_tip_payout_rules_user_id_users foreign key (user_id) references users (id),
            constraint ck_tip_payout_rules_when_known check ("when" in ('AT_ONCE', 'AT_AMOUNT', 'DAILY')),
            constraint ck_tip_payout_rules_minimum_payable check (minimum_minor >= 1000),
            constraint ck_tip_payout_rules_carried_not_negative check (carried_minor >= 0)
        );
        create index ix_tip_payout_rules_waits_until on tip_payout_rules (waits_until)
        """
    )


def downgrade() -> None:
    run_script(
        """
        drop table tip_payout_rules;
        alter table tips drop column payout_id;
        alter table payouts drop column is_by_rule
        """
    )
