"""A rail's number settles one payout. Of numbers that settled several before, the first payout keeps it.

Revision: 0016
"""

from db.migrating import run_script

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table payout_receipts (
            rail text not null,
            number text not null,
            payout_id uuid not null,
            constraint pk_payout_receipts primary key (rail, number),
            constraint uq_payout_receipts_payout_id unique (payout_id),
            constraint fk_payout_receipts_payout_id_payouts foreign key (payout_id) references payouts (id)
        );
        insert into payout_receipts (rail, number, payout_id)
        select rail, upper(replace(receipt_number, ' ', '')), id
        from payouts where state = 'PAID' order by updated_at, id
        on conflict do nothing
        """
    )


def downgrade() -> None:
    run_script("drop table payout_receipts")
