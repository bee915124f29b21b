"""Categories, listings and the flags on them.

Revision: 0004
"""

from db.migrating import run_script

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table categories (
            id uuid not null,
            parent_id uuid,
            slug text not null,
            path text not null,
            level integer not null,
            name jsonb not null,
            description jsonb,
            is_active boolean not null,
            sort_order integer not null,
            version integer not null,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            constraint pk_categories primary key (id),
            constraint uq_categories_slug unique (slug),
            constraint uq_categories_path unique (path),
            constraint fk_categories_parent_id foreign key (parent_id) references categories (id),
            constraint ck_categories_level check (level between 0 and 4 and (level = 0) = (parent_id is null))
        );
        create index ix_categories_parent_id_sort_order on categories (parent_id, sort_order);

        create table listings (
            id uuid not null,
            seller_id uuid not null,
            title text not null,
            description text not null,
            price_minor bigint not null,
            price_asset text not null,
            category_id uuid not null,
            city text not null,
            city_key text not null generated always as (lower(city)) stored,
            status text not null,
            expires_at timestamptz,
            rejection_reason text,
            flags_count integer not null,
            flags_since_approval integer not null,
            risk_score integer not null,
            version integer not null,
            submitted_at timestamptz not null,
            created_at timestamptz not null,
            updated_at timestamptz not null,
            search tsvector not null generated always as (
                setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', description), 'B')
            ) stored,
            constraint pk_listings primary key (id),
            constraint fk_listings_seller_id foreign key (seller_id) references users (id),
            constraint fk_listings_category_id foreign key (category_id) references categories (id),
            constraint ck_listings_price_is_positive check (price_minor > 0),
            constraint ck_listings_price_asset
                check (price_asset in ('POINTS', 'USDT', 'KES', 'INR', 'USD', 'EUR')),
            constraint ck_listings_status
                check (status in ('PENDING', 'ACTIVE', 'REJECTED', 'EXPIRED', 'DELETED')),
            constraint ck_listings_active_ends check (status <> 'ACTIVE' or expires_at is not null),
            constraint ck_listings_rejected_says_why check (status <> 'REJECTED' or rejection_reason is not null),
            constraint ck_listings_risk
                check (flags_since_approval between 0 and flags_count and risk_score between 0 and 100),
            constraint ck_listings_words
                check (char_length(title) between 3 and 120 and char_length(description) <= 5000)
        );
        create index ix_listings_city_category_status_created on listings (city_key, category_id, status, created_at);
        create index ix_listings_seller_status_expires on listings (seller_id, status, expires_at);
        create index ix_listings_category_status_price on listings (category_id, status, price_asset, price_minor);
        create index ix_listings_search on listings using gin (search);
        create index ix_listings_seller_created on listings (seller_id, created_at);
        create index ix_listings_market on listings (created_at, id) where status = 'ACTIVE';
        create index ix_listings_prices on listings (price_asset, price_minor, id) where status = 'ACTIVE';
        create index ix_listings_ending on listings (expires_at) where status = 'ACTIVE';
        create index ix_listings_queue on listings (risk_score desc, submitted_at, id) where status = 'PENDING';

        create table listing_flags (
            listing_id uuid not null,
            reporter_id uuid not null,
            reason text not null,
            note text not null,
            created_at timestamptz not null,
            constraint pk_listing_flags primary key (listing_id, reporter_id),
            constraint fk_listing_flags_listing_id foreign key (listing_id) references listings (id),
            constraint fk_listing_flags_reporter_id foreign key (reporter_id) references users (id),
            constraint ck_listing_flags_reason
                check (reason in ('SCAM', 'PROHIBITED', 'OFFENSIVE', 'DUPLICATE', 'WRONG_CATEGORY', 'OTHER'))
        );
        """
    )


def downgrade() -> None:
    run_script("drop table listing_flags, listings, categories")
