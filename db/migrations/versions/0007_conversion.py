"""Exchange rates, and what people were promised by them.

Revision: 0007
"""

from db.migrating import run_script

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table exchange_rates (
            id uuid not null,
            asset text not null,
            per_usdt numeric(17, 8) not null,
            source text not null,
            observed_at timestamptz not null,
            valid_until timestamptz,
            version integer not null,
            constraint pk_exchange_rates primary key (id),
            constraint ck_exchange_rates_asset check (asset in ('POINTS', 'KES', 'INR', 'USD', 'EUR')),
            constraint ck_exchange_rates_per_usdt_positive check (per_usdt > 0),
            constraint ck_exchange_rates_set_ones_end check ((source = 'finance') = (valid_until is not null))
        );
        create index ix_exchange_rates_latest on exchange_rates (asset, source, observed_at desc);
        create table conversion_quotes (
            id uuid not null,
            owner_id uuid not null,
            amount_minor bigint not null,
            amount_asset text not null,
            value_minor bigint not null,
            fee_minor bigint not null,
            result_minor bigint not null,
            result_asset text not null,
            fee_basis_points integer not null,
            amount_rate_id uuid,
            result_rate_id uuid,
            words text not null,
            quoted_at timestamptz not null,
            expires_at timestamptz not null,
            executed_at timestamptz,
            version integer not null,
            constraint pk_conversion_quotes primary key (id),
            constraint fk_conversion_quotes_owner_id_users foreign key (owner_id) references users (id),
            constraint fk_conversion_quotes_amount_rate_id_exchange_rates
                foreign key (amount_rate_id) references exchange_rates (id),
            constraint fk_conversion_quotes_result_rate_id_exchange_rates
                foreign key (result_rate_id) references exchange_rates (id),
            constraint ck_conversion_quotes_amounts_positive check (amount_minor > 0 and result_minor > 0),
            constraint ck_conversion_quotes_fee_within_value check (fee_minor between 0 and value_minor),
            constraint ck_conversion_quotes_another_asset check (amount_asset <> result_asset),
            constraint ck_conversion_quotes_executed_in_time check (executed_at < expires_at)
        );
        create index ix_conversion_quotes_unused on conversion_quotes (expires_at) where executed_at is null;
        """
    )


def downgrade() -> None:
    run_script("drop table conversion_quotes, exchange_rates")
