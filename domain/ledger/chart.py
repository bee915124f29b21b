"""The chart of accounts: every account there can be, as a function of whose it is."""

from __future__ import annotations

from functools import lru_cache
from typing import Final
from uuid import UUID

from domain.ids import UserId
from domain.ledger.account import AccountKind, AccountRef
from domain.money import Asset

# With their paths and owners, which take longer to make than most of a posting.
_REMEMBERED_MAX: Final = 4_096


@lru_cache(maxsize=_REMEMBERED_MAX)
def user_wallet(user_id: UserId, asset: Asset) -> AccountRef:
    """What a person owns in one asset; never below what is held on it."""
    return AccountRef(("user", user_id, "wallet"), asset, AccountKind.WALLET)


def user_points(user_id: UserId) -> AccountRef:
    """A person's points."""
    return user_wallet(user_id, Asset.POINTS)


def merchant_payable(merchant_id: UUID, asset: Asset = Asset.USDT) -> AccountRef:
    """What the market owes a merchant until it is settled."""
    return AccountRef(("merchant", merchant_id, "payable"), asset, AccountKind.PAYABLE)


def platform_revenue(asset: Asset = Asset.USDT) -> AccountRef:
    """Fees that the market has earned."""
    return AccountRef(("platform", "revenue"), asset, AccountKind.REVENUE)


def usdt_reserve() -> AccountRef:
    """USDT that stand behind points: more when points are bought with them, less when points are spent."""
    return AccountRef(("platform", "reserve"), Asset.USDT, AccountKind.HOUSE)


def points_issued() -> AccountRef:
    """Where points come from; below zero by all that were ever given out."""
    return AccountRef(("platform", "points_issued"), Asset.POINTS, AccountKind.HOUSE)


def points_redeemed() -> AccountRef:
    """Where spent points go."""
    return AccountRef(("platform", "points_redeemed"), Asset.POINTS, AccountKind.HOUSE)


def conversion(asset: Asset) -> AccountRef:
    """What the market gave out of an asset for another, or took in: its open position."""
    return AccountRef(("platform", "conversion"), asset, AccountKind.HOUSE)


def rail(name: str, asset: Asset) -> AccountRef:
    """Where money comes from that arrives by a rail: below zero by what lies for us at the bank or the provider."""
    return AccountRef(("platform", "rail", name), asset, AccountKind.HOUSE)


def adjustments(asset: Asset) -> AccountRef:
    """The other side of every correction that finance makes by hand."""
    return AccountRef(("platform", "adjustments"), asset, AccountKind.HOUSE)
