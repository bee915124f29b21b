"""Orders that wait for a payment.

Revision: 0020
"""

from db.migrating import run_script

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table orders
            add column payment_id uuid,
            add column cancel_reason text,
            alter column code_id drop not null,
            drop constraint ck_orders_status_known,
            add constraint uq_orders_payment_id unique (payment_id),
            add constraint fk_orders_payment_id_payment_intents
                foreign key (payment_id) references payment_intents (id),
            add constraint ck_orders_status_known
                check (status in ('AWAITING_PAYMENT', 'DELIVERED', 'REFUNDED', 'CANCELLED')),
            add constraint ck_orders_cancelled_says_why check ((status = 'CANCELLED') = (cancel_reason is not null)),
            add constraint ck_orders_code_unless_cancelled check ((status = 'CANCELLED') = (code_id is null)),
            add constraint ck_orders_unpaid_has_payment
                check (status in ('DELIVERED', 'REFUNDED') or payment_id is not null);
        create index ix_orders_awaiting on orders (buyer_id, product_id) where status = 'AWAITING_PAYMENT';
        """
    )


def downgrade() -> None:
    # Orders that nobody has paid are unknown to what comes before; their codes are for sale again, their payments stay.
    run_script(
        """
        update product_codes set order_id = null
            where order_id in (select id from orders where status = 'AWAITING_PAYMENT');
        delete from orders where status in ('AWAITING_PAYMENT', 'CANCELLED');
        alter table orders
            drop column payment_id,
            drop column cancel_reason,
            drop constraint ck_orders_code_unless_cancelled,
            drop constraint ck_orders_status_known,
            alter column code_id set not null,
            add constraint ck_orders_status_known check (status in ('DELIVERED', 'REFUNDED'));
        """
    )
