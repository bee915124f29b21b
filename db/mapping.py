"""Every entity meets its table, once per process."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from sqlalchemy.orm import registry

from db.registry import mappers
from db.tables.api_keys import map_api_keys
from db.tables.bank_files import map_bank_files
from db.tables.catalog import map_catalog
from db.tables.checkouts import map_checkouts
from db.tables.confirmations import map_confirmations
from db.tables.conversion import map_conversion
from db.tables.identity import map_identity
from db.tables.kyc import map_kyc
from db.tables.listings import map_listings
from db.tables.merchants import map_merchants
from db.tables.mpesa import map_mpesa
from db.tables.operations import map_operations
from db.tables.orders import map_orders
from db.tables.payments import map_payments
from db.tables.payout_statements import map_payout_statements
from db.tables.payouts import map_payouts
from db.tables.products import map_products
from db.tables.reconciliation import map_reconciliation
from db.tables.refunds import map_refunds
from db.tables.settings import map_settings
from db.tables.tip_payouts import map_tip_payouts
from db.tables.tips import map_tips
from db.tables.uploads import map_uploads

_MAPPINGS: Final[tuple[Callable[[registry], None], ...]] = (
    map_identity,
    map_api_keys,
    map_catalog,
    map_listings,
    map_settings,
    map_conversion,
    map_operations,
    map_payments,
    map_mpesa,
    map_checkouts,
    map_uploads,
    map_merchants,
    map_products,
    map_kyc,
    map_orders,
    map_refunds,
    map_confirmations,
    map_payouts,
    map_bank_files,
    map_payout_statements,
    map_reconciliation,
    map_tips,
    map_tip_payouts,
)


def map_everything() -> None:
    """Map all entities; harmless when they are mapped already."""
    if not list(mappers.mappers):
        for mapping in _MAPPINGS:
            mapping(mappers)
