"""Exchange rates, and what people were promised by them."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Index, Integer, Numeric, Table, Text, Uuid
from sqlalchemy.orm import composite, registry

from db.columns import EnumText, id_column, instant_column
from db.registry import metadata
from domain.ids import IdKind
from domain.money import Asset, Money
from domain.wallets.quote import ConversionQuote
from domain.wallets.rates import ExchangeRate

exchange_rates: Final = Table(
    "exchange_rates",
    metadata,
    id_column(),
    Column("asset", EnumText(Asset), nullable=False),
    Column("per_usdt", Numeric(17, 8), nullable=False),
    Column("source", Text, nullable=False),
    instant_column("observed_at"),
    instant_column("valid_until", nullable=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("asset in ('POINTS', 'KES', 'INR', 'USD', 'EUR')", name="asset"),
    CheckConstraint("per_usdt > 0", name="per_usdt_positive"),
    CheckConstraint("(source = 'finance') = (valid_until is not null)", name="set_ones_end"),
    info={"id_kind": IdKind.EXCHANGE_RATE},
)
Index("ix_exchange_rates_latest", exchange_rates.c.asset, exchange_rates.c.source, exchange_rates.c.observed_at.desc())

conversion_quotes: Final = Table(
    "conversion_quotes",
    metadata,
    id_column(),
    Column("owner_id", Uuid, ForeignKey("users.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("amount_asset", EnumText(Asset), nullable=False),
    Column("value_minor", BigInteger, nullable=False),
    Column("fee_minor", BigInteger, nullable=False),
    Column("result_minor", BigInteger, nullable=False),
    Column("result_asset", EnumText(Asset), nullable=False),
    Column("fee_basis_points", Integer, nullable=False),
    Column("amount_rate_id", Uuid, ForeignKey("exchange_rates.id")),
    Column("result_rate_id", Uuid, ForeignKey("exchange_rates.id")),
    Column("words", Text, nullable=False),
    instant_column("quoted_at"),
    instant_column("expires_at"),
    instant_column("executed_at", nullable=True),
    Column("version", Integer, nullable=False),
    CheckConstraint("amount_minor > 0 and result_minor > 0", name="amounts_positive"),
    CheckConstraint("fee_minor between 0 and value_minor", name="fee_within_value"),
    CheckConstraint("amount_asset <> result_asset", name="another_asset"),
    CheckConstraint("executed_at < expires_at", name="executed_in_time"),
    info={"id_kind": IdKind.CONVERSION_QUOTE},
)
Index(
    "ix_conversion_quotes_unused",
    conversion_quotes.c.expires_at,
    postgresql_where=conversion_quotes.c.executed_at.is_(None),
)


def map_conversion(mappers: registry) -> None:
    """Map rates and quotes."""
    mappers.map_imperatively(
        ExchangeRate, exchange_rates, version_id_col=exchange_rates.c.version, version_id_generator=False
    )
    mappers.map_imperatively(
        ConversionQuote,
        conversion_quotes,
        version_id_col=conversion_quotes.c.version,
        version_id_generator=False,
        properties={
            "_amount_minor": conversion_quotes.c.amount_minor,
            "_amount_asset": conversion_quotes.c.amount_asset,
            "amount": composite(Money, conversion_quotes.c.amount_minor, conversion_quotes.c.amount_asset),
            "_result_minor": conversion_quotes.c.result_minor,
            "_result_asset": conversion_quotes.c.result_asset,
            "result": composite(Money, conversion_quotes.c.result_minor, conversion_quotes.c.result_asset),
        },
    )
