"""Where merchants are settled.

Revision: 0026
"""

from db.migrating import run_script

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table settlement_addresses (
            id uuid not null,
            merchant_id uuid not null,
            network text not null,
            address text not null,
            set_by uuid not null,
            set_at timestamptz not null,
            in_force_at timestamptz not null,
            cancelled_by uuid,
            cancelled_at timestamptz,
            version integer not null,
            constraint pk_settlement_addresses primary key (id),
            constraint fk_settlement_addresses_merchant_id_merchants
                foreign key (merchant_id) references merchants (id),
            constraint fk_settlement_addresses_set_by_users foreign key (set_by) references users (id),
            constraint fk_settlement_addresses_cancelled_by_users foreign key (cancelled_by) references users (id),
            constraint ck_settlement_addresses_network_known check (network in ('BSC', 'TRON')),
            constraint ck_settlement_addresses_cools_off check (in_force_at >= set_at + interval '24 hours'),
            constraint ck_settlement_addresses_cancelled_by_person
                check ((cancelled_by is null) = (cancelled_at is null)),
            constraint ck_settlement_addresses_cancelled_before_in_force check (cancelled_at < in_force_at)
        );
        create index ix_settlement_addresses_merchant on settlement_addresses (merchant_id, set_at, id);
        """
    )


def downgrade() -> None:
    run_script("drop table settlement_addresses")
