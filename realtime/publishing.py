"""Which events go live, where, and what is told to whom: one row for every event there is."""

from __future__ import annotations

from typing import Final

from domain.identity.events import (
    AboutPerson,
    ApiKeyCreated,
    ApiKeyRevoked,
    ProfileUpdated,
    RoleGranted,
    RoleRevoked,
    SessionEnded,
    SessionStarted,
    UserBlocked,
    UserRegistered,
    UserUnblocked,
)
from domain.ledger.events import BalanceChanged, HoldChanged, WalletEvent
from domain.listings.events import (
    ListingApproved,
    ListingDeleted,
    ListingExpired,
    ListingFacts,
    ListingFlagged,
    ListingRejected,
    ListingSubmitted,
    ListingUpdated,
)
from domain.listings.publicity import public_change
from domain.merchants.events import MerchantUpdated, SettlementAddressUpdated
from domain.operations.events import OperationActivated, OperationRetired, OperationsRegistered
from domain.orders.events import OrderUpdated
from domain.payments.events import PaymentArrivedLate, PaymentCredited, PaymentDisputed, PaymentEvent, PaymentUpdated
from domain.payouts.events import PayoutUpdated
from domain.plain import to_plain
from domain.settings.events import SettingsUpdated
from domain.tips.events import TipGiven, TipUpdated
from realtime.channels import (
    ACCESS,
    FEED,
    OPERATIONS,
    SETTINGS,
    feed_channel,
    listing_channel,
    merchant_channel,
    order_channel,
    payment_channel,
    payout_channel,
    tip_channel,
    tips_channel,
    user_channel,
    wallet_channel,
)
from realtime.publication import Address, Body, Publication, PublishingTable, silent

# The names that the five product descriptions gave to what their apps listen for.
WALLET_UPDATE: Final = "wallet.update"
LISTINGS_UPDATE: Final = "listings.update"
SETTINGS_UPDATE: Final = "settings.update"
USER_BLOCKED: Final = "user.blocked"


def publishing_table() -> PublishingTable:
    """Every event type, by the context it comes from."""
    return PublishingTable(
        [
            silent(UserRegistered),
            silent(ProfileUpdated),
            silent(SessionStarted),
            Publication(SessionEnded, SessionEnded.name, (_TO_THE_PERSON, _TO_EVERY_PROCESS)),
            Publication(UserBlocked, USER_BLOCKED, (_TO_THE_PERSON, _TO_EVERY_PROCESS)),
            Publication(UserUnblocked, UserUnblocked.name, (_TO_THE_PERSON, _TO_EVERY_PROCESS)),
            Publication(RoleGranted, RoleGranted.name, (_TO_EVERY_PROCESS,)),
            Publication(RoleRevoked, RoleRevoked.name, (_TO_EVERY_PROCESS,)),
            silent(ApiKeyCreated),
            Publication(ApiKeyRevoked, ApiKeyRevoked.name, (_TO_EVERY_PROCESS,)),
            Publication(BalanceChanged, WALLET_UPDATE, (_TO_THE_OWNER,)),
            Publication(HoldChanged, HoldChanged.name, (_TO_THE_OWNER,)),
            Publication(MerchantUpdated, MerchantUpdated.name, (_TO_THE_MERCHANT,)),
            Publication(SettlementAddressUpdated, SettlementAddressUpdated.name, (_TO_THE_MERCHANT,)),
            Publication(OrderUpdated, OrderUpdated.name, (_TO_BOTH_SIDES,)),
            Publication(PayoutUpdated, PayoutUpdated.name, (_TO_WHO_IS_PAID,)),
            Publication(TipGiven, TipGiven.name, (_TO_THE_WORKER,)),
            Publication(TipUpdated, TipUpdated.name, (_TO_THE_GIVER,)),
            Publication(PaymentUpdated, PaymentUpdated.name, (_TO_THE_PAYER,)),
            Publication(PaymentCredited, PaymentCredited.name, (_TO_THE_PAYER,)),
            Publication(PaymentArrivedLate, PaymentArrivedLate.name, (_TO_THE_PAYER,)),
            silent(PaymentDisputed),
            Publication(ListingSubmitted, LISTINGS_UPDATE, _OF_A_LISTING),
            Publication(ListingUpdated, LISTINGS_UPDATE, _OF_A_LISTING),
            Publication(ListingApproved, LISTINGS_UPDATE, _OF_A_LISTING),
            Publication(ListingRejected, LISTINGS_UPDATE, _OF_A_LISTING),
            Publication(ListingFlagged, LISTINGS_UPDATE, _OF_A_LISTING),
            Publication(ListingExpired, LISTINGS_UPDATE, _OF_A_LISTING),
            Publication(ListingDeleted, LISTINGS_UPDATE, _OF_A_LISTING),
            Publication(OperationsRegistered, OperationsRegistered.name, (_TO_WHO_KEEPS_OPERATIONS,)),
            Publication(OperationActivated, OperationActivated.name, (_TO_WHO_KEEPS_OPERATIONS,)),
            Publication(OperationRetired, OperationRetired.name, (_TO_WHO_KEEPS_OPERATIONS,)),
            Publication(SettingsUpdated, SETTINGS_UPDATE, (_TO_ALL_WHO_ARE_SIGNED_IN,)),
        ]
    )


def _whole(event: object) -> Body:
    plain = to_plain(event)
    assert isinstance(plain, dict), "an event is a record"
    return plain


def _feeds(event: ListingFacts) -> tuple[str, ...]:
    change = public_change(event)
    return (FEED, feed_channel(change.city)) if change else ()


_TO_THE_PERSON: Final[Address[AboutPerson]] = Address(
    "user:{usr_…}", "the person", lambda event: (user_channel(event.user_id),), _whole
)
_TO_EVERY_PROCESS: Final[Address[object]] = Address(
    ACCESS, "our own processes, which end the access", lambda _: (ACCESS,), lambda _: {}
)
_TO_WHO_KEEPS_OPERATIONS: Final[Address[object]] = Address(
    OPERATIONS, "our own processes, which keep what may be run", lambda _: (OPERATIONS,), lambda _: {}
)
_TO_THE_OWNER: Final[Address[WalletEvent]] = Address(
    "wallet:{wal_…}", "the owner", lambda event: (wallet_channel(event.wallet_id),), _whole
)
_TO_THE_MERCHANT: Final[Address[MerchantUpdated | SettlementAddressUpdated]] = Address(
    "merchant:{mer_…}", "the owner and those who verify", lambda event: (merchant_channel(event.merchant_id),), _whole
)
_TO_BOTH_SIDES: Final[Address[OrderUpdated]] = Address(
    "order:{ord_…}", "who bought it and who sold it", lambda event: (order_channel(event.order_id),), _whole
)
_TO_WHO_IS_PAID: Final[Address[PayoutUpdated]] = Address(
    "payout:{pyo_…}", "the owner and those who decide", lambda event: (payout_channel(event.payout_id),), _whole
)
_TO_THE_WORKER: Final[Address[TipGiven]] = Address(
    "tips:{wrk_…}", "the worker", lambda event: (tips_channel(event.worker_id),), _whole
)
_TO_THE_GIVER: Final[Address[TipUpdated]] = Address(
    "tip:{tip_…}", "who gives it", lambda event: (tip_channel(event.tip_id),), _whole
)
_TO_THE_PAYER: Final[Address[PaymentEvent]] = Address(
    "payment:{pay_…}", "the payer", lambda event: (payment_channel(event.payment_id),), _whole
)
_OF_A_LISTING: Final[tuple[Address[ListingFacts], ...]] = (
    Address(
        "listing:{lst_…}",
        "the seller and moderators; others what the feeds carry",
        lambda event: (listing_channel(event.listing_id),),
        _whole,
    ),
    Address(
        "feed, feed:{city}", "everybody, where it came or went", _feeds, lambda event: _whole(public_change(event))
    ),
)
_TO_ALL_WHO_ARE_SIGNED_IN: Final[Address[SettingsUpdated]] = Address(
    SETTINGS, "everybody who is signed in", lambda _: (SETTINGS,), _whole
)
