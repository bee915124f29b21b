"""Products that are delivered as a file.

Revision: 0023
"""

from db.migrating import run_script

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        alter table products
            add column delivery text not null default 'CODE',
            add column file_id uuid,
            add constraint fk_products_file_id_uploads foreign key (file_id) references uploads (id),
            add constraint ck_products_delivery_known check (delivery in ('CODE', 'FILE')),
            add constraint ck_products_file_where_delivered check (delivery = 'FILE' or file_id is null);
        alter table products alter column delivery drop default;
        alter table orders
            add column file_id uuid,
            drop constraint ck_orders_code_unless_cancelled,
            add constraint fk_orders_file_id_uploads foreign key (file_id) references uploads (id),
            add constraint ck_orders_one_good_unless_cancelled
                check (num_nonnulls(code_id, file_id) = case status when 'CANCELLED' then 0 else 1 end);
        """
    )


def downgrade() -> None:
    # An order of a file has no place in what comes before: this refuses while there is one.
    run_script(
        """
        alter table orders drop constraint ck_orders_one_good_unless_cancelled;
        alter table orders
            drop column file_id,
            add constraint ck_orders_code_unless_cancelled check ((status = 'CANCELLED') = (code_id is null));
        alter table products drop column file_id, drop column delivery;
        """
    )
