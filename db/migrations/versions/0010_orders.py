"""Merchants, their products and stock, and orders.

Revision: 0010
"""

from db.migrating import run_script

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table merchants (
            id uuid not null,
            owner_id uuid not null,
            name text not null,
            status text not null,
            fee_basis_points integer,
            suspended_reason text,
            registered_at timestamptz not null,
            verified_at timestamptz,
            version integer not null,
            constraint pk_merchants primary key (id),
            constraint fk_merchants_owner_id_users foreign key (owner_id) references users (id),
            constraint ck_merchants_status_known check (status in ('PENDING', 'VERIFIED', 'SUSPENDED')),
            constraint ck_merchants_fee_is_a_share check (fee_basis_points between 0 and 10000),
            constraint ck_merchants_suspended_says_why
                check ((status = 'SUSPENDED') = (suspended_reason is not null))
        );
        create index ix_merchants_owner_id on merchants (owner_id);
        create index ix_merchants_pending on merchants (registered_at, id) where status = 'PENDING';
        create table products (
            id uuid not null,
            merchant_id uuid not null,
            title text not null,
            description text not null,
            price_minor bigint not null,
            price_asset text not null,
            status text not null,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            version integer not null,
            constraint pk_products primary key (id),
            constraint fk_products_merchant_id_merchants foreign key (merchant_id) references merchants (id),
            constraint ck_products_price_positive check (price_minor > 0),
            constraint ck_products_status_known check (status in ('OFFERED', 'PAUSED'))
        );
        create index ix_products_newest on products (created_at, id);
        create index ix_products_merchant on products (merchant_id, created_at, id);
        create table product_codes (
            id uuid not null,
            product_id uuid not null,
            sealed_code bytea not null,
            digest bytea not null,
            order_id uuid,
            added_at timestamptz not null,
            constraint pk_product_codes primary key (id),
            constraint uq_product_codes_order_id unique (order_id),
            constraint uq_product_codes_product_id_digest unique (product_id, digest),
            constraint fk_product_codes_product_id_products foreign key (product_id) references products (id)
        );
        create index ix_product_codes_unsold on product_codes (product_id, id) where order_id is null;
        create table orders (
            id uuid not null,
            buyer_id uuid not null,
            merchant_id uuid not null,
            merchant_owner_id uuid not null,
            product_id uuid not null,
            code_id uuid not null,
            price_minor bigint not null,
            price_asset text not null,
            value_minor bigint not null,
            fee_minor bigint not null,
            rate_id uuid,
            words text not null,
            status text not null,
            refund_reason text,
            placed_at timestamptz not null,
            updated_at timestamptz not null,
            version integer not null,
            constraint pk_orders primary key (id),
            constraint uq_orders_code_id unique (code_id),
            constraint fk_orders_buyer_id_users foreign key (buyer_id) references users (id),
            constraint fk_orders_merchant_id_merchants foreign key (merchant_id) references merchants (id),
            constraint fk_orders_merchant_owner_id_users foreign key (merchant_owner_id) references users (id),
            constraint fk_orders_product_id_products foreign key (product_id) references products (id),
            constraint fk_orders_code_id_product_codes foreign key (code_id) references product_codes (id),
            constraint fk_orders_rate_id_exchange_rates foreign key (rate_id) references exchange_rates (id),
            constraint ck_orders_price_positive check (price_minor > 0 and value_minor > 0),
            constraint ck_orders_fee_within_value check (fee_minor between 0 and value_minor),
            constraint ck_orders_status_known check (status in ('DELIVERED', 'REFUNDED')),
            constraint ck_orders_refunded_says_why check ((status = 'REFUNDED') = (refund_reason is not null))
        );
        create index ix_orders_buyer on orders (buyer_id, placed_at, id);
        create index ix_orders_merchant on orders (merchant_id, placed_at, id);
        """
    )


def downgrade() -> None:
    run_script("drop table orders, product_codes, products, merchants")
