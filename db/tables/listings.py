"""Classified ads and what people hold against them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, Computed, ForeignKey, Index, Integer, Table, Text, Uuid
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import composite, registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.listings.flag import FlagReason, ListingFlag
from domain.listings.listing import Listing
from domain.listings.status import ListingStatus
from domain.money import Asset, Money

SEARCH_CONFIGURATION: Final = "simple"  # no stemming: ads mix English, Swahili and Hindi in one sentence

listings: Final = Table(
    "listings",
    metadata,
    id_column(),
    Column("seller_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("price_minor", BigInteger, nullable=False),
    Column("price_asset", EnumText(Asset), nullable=False),
    Column("category_id", Uuid, ForeignKey("categories.id"), nullable=False),
    Column("city", Text, nullable=False),
    Column("city_key", Text, Computed("lower(city)", persisted=True), nullable=False),
    Column("status", EnumText(ListingStatus), nullable=False),
    instant_column("expires_at", nullable=True),
    Column("rejection_reason", Text),
    Column("flags_count", Integer, nullable=False),
    Column("flags_since_approval", Integer, nullable=False),
    Column("risk_score", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    instant_column("submitted_at"),
    instant_column("created_at"),
    instant_column("updated_at"),
    Column(
        "search",
        TSVECTOR,
        Computed(
            "setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', description), 'B')",
            persisted=True,
        ),
        nullable=False,
    ),
    CheckConstraint("price_minor > 0", name="price_is_positive"),
    CheckConstraint("price_asset in ('POINTS', 'USDT', 'KES', 'INR', 'USD', 'EUR')", name="price_asset"),
    CheckConstraint("status in ('PENDING', 'ACTIVE', 'REJECTED', 'EXPIRED', 'DELETED')", name="status"),
    CheckConstraint("status <> 'ACTIVE' or expires_at is not null", name="active_ends"),
    CheckConstraint("status <> 'REJECTED' or rejection_reason is not null", name="rejected_says_why"),
    CheckConstraint("flags_since_approval between 0 and flags_count and risk_score between 0 and 100", name="risk"),
    CheckConstraint("char_length(title) between 3 and 120 and char_length(description) <= 5000", name="words"),
    info={"id_kind": IdKind.LISTING},
)
Index(
    "ix_listings_city_category_status_created",
    listings.c.city_key,
    listings.c.category_id,
    listings.c.status,
    listings.c.created_at,
)
Index("ix_listings_seller_status_expires", listings.c.seller_id, listings.c.status, listings.c.expires_at)
Index(
    "ix_listings_category_status_price",
    listings.c.category_id,
    listings.c.status,
    listings.c.price_asset,
    listings.c.price_minor,
)
Index("ix_listings_search", listings.c.search, postgresql_using="gin")
Index("ix_listings_seller_created", listings.c.seller_id, listings.c.created_at)
Index(
    "ix_listings_market",
    listings.c.created_at,
    listings.c.id,
    postgresql_where=listings.c.status == ListingStatus.ACTIVE,
)
Index(
    "ix_listings_prices",
    listings.c.price_asset,
    listings.c.price_minor,
    listings.c.id,
    postgresql_where=listings.c.status == ListingStatus.ACTIVE,
)
Index(
    "ix_listings_ending",
    listings.c.expires_at,
    postgresql_where=listings.c.status == ListingStatus.ACTIVE,
)
Index(
    "ix_listings_queue",
    listings.c.risk_score.desc(),
    listings.c.submitted_at,
    listings.c.id,
    postgresql_where=listings.c.status == ListingStatus.PENDING,
)

listing_flags: Final = Table(
    "listing_flags",
    metadata,
    Column("listing_id", Uuid, ForeignKey("listings.id"), primary_key=True),
    Column("reporter_id", Uuid, ForeignKey("users.id"), primary_key=True),
    Column("reason", EnumText(FlagReason), nullable=False),
    Column("note", Text, nullable=False),
    instant_column("created_at"),
    CheckConstraint(
        "reason in ('SCAM', 'PROHIBITED', 'OFFENSIVE', 'DUPLICATE', 'WRONG_CATEGORY', 'OTHER')", name="reason"
    ),
    info={"id_kind": IdKind.LISTING},
)


def map_listings(mappers: registry) -> None:
    """Map listings and flags; what the database computes for searching stays out of the entity."""
    mappers.map_imperatively(
        Listing,
        listings,
        version_id_col=listings.c.version,
        version_id_generator=False,
        exclude_properties=("city_key", "search"),
        properties={
            "_price_minor": listings.c.price_minor,
            "_price_asset": listings.c.price_asset,
            "price": composite(Money, listings.c.price_minor, listings.c.price_asset),
        },
    )
    mappers.map_imperatively(ListingFlag, listing_flags)
