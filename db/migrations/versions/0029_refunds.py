"""What was given back of orders, in part or whole.

Revision: 0029
"""

from db.migrating import run_script

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table orders add column refunded_minor bigint not null default 0;
        update orders set refunded_minor = price_minor where status = 'REFUNDED';
        alter table orders
            alter column refunded_minor drop default,
            add constraint ck_orders_refunded_within_price check (refunded_minor between 0 and price_minor),
            add constraint ck_orders_refunded_whole check ((status = 'REFUNDED') = (refunded_minor = price_minor)),
            add constraint ck_orders_refunded_once_delivered
                check (refunded_minor = 0 or status in ('DELIVERED', 'REFUNDED'));
        create table refunds (
            id uuid not null,
            order_id uuid not null,
            place integer not null,
            amount_minor bigint not null,
            amount_asset text not null,
            from_merchant_minor bigint not null,
            from_market_minor bigint not null,
            reason text not null,
            made_by uuid,
            made_at timestamptz not null,
            constraint pk_refunds primary key (id),
            constraint uq_refunds_order_id_place unique (order_id, place),
            constraint fk_refunds_order_id_orders foreign key (order_id) references orders (id),
            constraint fk_refunds_made_by_users foreign key (made_by) references users (id),
            constraint ck_refunds_amount_positive check (amount_minor > 0),
            constraint ck_refunds_parts_exist check (from_merchant_minor >= 0 and from_market_minor >= 0)
        );
        """
    )


def downgrade() -> None:
    run_script("drop table refunds; alter table orders drop column refunded_minor")
