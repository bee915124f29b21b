"""The names of channels. A channel carries one stream and both have the same name."""

from __future__ import annotations

from typing import Final

from domain.ids import (
    IdKind,
    ListingId,
    MerchantId,
    OrderId,
    PaymentId,
    PayoutId,
    TipId,
    UserId,
    WalletId,
    WorkerId,
    encode_id,
)

SETTINGS: Final = "settings"
FEED: Final = "feed"
ACCESS: Final = "access"
"""Between our own processes: somebody's access changed. No client listens to it."""
OPERATIONS: Final = "operations"
"""Between our own processes: registered operations changed. No client listens to it."""
STATES: Final = frozenset({SETTINGS, "user"})
"""Topics whose newest state says all: who reads too slowly gets a snapshot. The others are logs, which end in a gap."""


def wallet_channel(wallet: WalletId) -> str:
    """What happens to one wallet; its owner listens."""
    return f"wallet:{encode_id(IdKind.WALLET, wallet)}"


def payment_channel(payment: PaymentId) -> str:
    """What happens to one payment; its payer listens."""
    return f"payment:{encode_id(IdKind.PAYMENT_INTENT, payment)}"


def order_channel(order: OrderId) -> str:
    """What happens to one order; its customer and its merchant listen."""
    return f"order:{encode_id(IdKind.ORDER, order)}"


def merchant_channel(merchant: MerchantId) -> str:
    """What happens to one merchant; its owner listens, and those who verify."""
    return f"merchant:{encode_id(IdKind.MERCHANT, merchant)}"


def payout_channel(payout: PayoutId) -> str:
    """What happens to one payout; its owner listens."""
    return f"payout:{encode_id(IdKind.PAYOUT, payout)}"


def tips_channel(worker: WorkerId) -> str:
    """What one worker is given; the worker listens."""
    return f"tips:{encode_id(IdKind.WORKER, worker)}"


def tip_channel(tip: TipId) -> str:
    """What happens to one tip; who gives it listens, and its worker once it is paid."""
    return f"tip:{encode_id(IdKind.TIP, tip)}"


def listing_channel(listing: ListingId) -> str:
    """What happens to one listing; its seller and the moderators hear all, others only what is public."""
    return f"listing:{encode_id(IdKind.LISTING, listing)}"


def feed_channel(city: str | None) -> str:
    """Listings that appear, change or disappear in public, in one city or everywhere."""
    return f"{FEED}:{' '.join(city.lower().split())}" if city else FEED


def user_channel(user: UserId) -> str:
    """What happens to a person's access; only that person listens."""
    return f"user:{encode_id(IdKind.USER, user)}"


def is_state(channel: str) -> bool:
    """Whether what lies between two states of this channel does not matter."""
    return channel.partition(":")[0] in STATES
