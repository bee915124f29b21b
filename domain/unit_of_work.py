"""One command, one transaction: what a use case may reach, and how it says what happened."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from domain.catalog.ports import Categories
from domain.confirmations.confirmation import Confirmations
from domain.events import Event
from domain.identity.actor import Actor
from domain.identity.ports import (
    ApiKeys,
    DeviceKeys,
    OutgoingMessages,
    Passcodes,
    Pins,
    Sessions,
    SigningKeys,
    Totps,
    Users,
)
from domain.kyc.tier import KycStandings
from domain.ledger.ports import Ledger
from domain.listings.ports import Listings
from domain.merchants.ports import Merchants
from domain.operations.ports import Operations
from domain.orders.ports import Orders
from domain.payments.checkout_ports import AcquirerCallbacks, Checkouts, Disputes
from domain.payments.mpesa_ports import MpesaCallbacks, MpesaRequests
from domain.payments.ports import Payments
from domain.payouts.bank_file import BankFiles
from domain.payouts.ports import PayoutCallbacks, Payouts, RailPauses
from domain.payouts.reconciliation import Reconciliations
from domain.payouts.statement import PayoutStatements
from domain.plain import Plain
from domain.products.ports import Products
from domain.quotas import Quotas
from domain.refunds.ports import Refunds
from domain.settings.ports import Settings
from domain.tip_payouts.ports import TipPayoutRules
from domain.tips.ports import Tips
from domain.uploads import Uploads
from domain.wallets.ports import Quotes, Rates, TopUps, Wallets


class UnitOfWork(Protocol):
    """Opened by an entry point around one command; a clean end commits, an exception leaves nothing behind.

    Data, events, the audit row and the remembered answer are written in one commit. Never nested, never
    shared between tasks, never held over a network call.
    """

    @property
    def actor(self) -> Actor:
        """Who gives the command."""
        ...

    @property
    def now(self) -> datetime:
        """The instant of the command, the same throughout."""
        ...

    @property
    def request_id(self) -> str:
        """Ties answers, logs, events and audit rows of one request together."""
        ...

    @property
    def quotas(self) -> Quotas:
        """How often one person may do some things; counted by the use cases that keep them."""
        ...

    @property
    def users(self) -> Users:
        """People."""
        ...

    @property
    def sessions(self) -> Sessions:
        """Their sessions."""
        ...

    @property
    def passcodes(self) -> Passcodes:
        """Codes sent to addresses."""
        ...

    @property
    def pins(self) -> Pins:
        """People's second factor."""
        ...

    @property
    def totps(self) -> Totps:
        """People's authenticators."""
        ...

    @property
    def device_keys(self) -> DeviceKeys:
        """Keys that devices sign in with."""
        ...

    @property
    def api_keys(self) -> ApiKeys:
        """Keys by which programs act for people."""
        ...

    @property
    def outgoing_messages(self) -> OutgoingMessages:
        """Messages that wait to be sent."""
        ...

    @property
    def signing_keys(self) -> SigningKeys:
        """The keys of access tokens."""
        ...

    @property
    def categories(self) -> Categories:
        """The tree that listings are filed under."""
        ...

    @property
    def listings(self) -> Listings:
        """Classified ads."""
        ...

    @property
    def ledger(self) -> Ledger:
        """Accounts, transfers and holds; use cases go through `domain.ledger.posting` and `domain.ledger.holds`."""
        ...

    @property
    def wallets(self) -> Wallets:
        """Whose wallet is whose."""
        ...

    @property
    def rates(self) -> Rates:
        """Exchange rates."""
        ...

    @property
    def quotes(self) -> Quotes:
        """Promised conversions."""
        ...

    @property
    def payments(self) -> Payments:
        """What should be paid."""
        ...

    @property
    def merchants(self) -> Merchants:
        """Businesses."""
        ...

    @property
    def products(self) -> Products:
        """What they sell, and their stock."""
        ...

    @property
    def orders(self) -> Orders:
        """What was bought."""
        ...

    @property
    def payouts(self) -> Payouts:
        """What leaves the market."""
        ...

    @property
    def bank_files(self) -> BankFiles:
        """Files by which payouts leave."""
        ...

    @property
    def payout_statements(self) -> PayoutStatements:
        """What rails say that they did."""
        ...

    @property
    def rail_pauses(self) -> RailPauses:
        """Rails of payouts that are left alone."""
        ...

    @property
    def payout_callbacks(self) -> PayoutCallbacks:
        """What rails told of payouts."""
        ...

    @property
    def reconciliations(self) -> Reconciliations:
        """What rails say beside what is booked."""
        ...

    @property
    def refunds(self) -> Refunds:
        """What was given back."""
        ...

    @property
    def kyc_standings(self) -> KycStandings:
        """How well people are known."""
        ...

    @property
    def confirmations(self) -> Confirmations:
        """What people are told by e-mail of their money."""
        ...

    @property
    def mpesa_requests(self) -> MpesaRequests:
        """Prompts of M-Pesa."""
        ...

    @property
    def mpesa_callbacks(self) -> MpesaCallbacks:
        """What M-Pesa called back."""
        ...

    @property
    def checkouts(self) -> Checkouts:
        """Payments as their acquirers know them."""
        ...

    @property
    def acquirer_callbacks(self) -> AcquirerCallbacks:
        """What acquirers called back."""
        ...

    @property
    def disputes(self) -> Disputes:
        """What payers' banks ask back."""
        ...

    @property
    def tips(self) -> Tips:
        """Workers and their tips."""
        ...

    @property
    def tip_payout_rules(self) -> TipPayoutRules:
        """Rules by which tips leave."""
        ...

    @property
    def uploads(self) -> Uploads:
        """Stored files."""
        ...

    @property
    def top_ups(self) -> TopUps:
        """What payments become in wallets."""
        ...

    @property
    def settings(self) -> Settings:
        """Settings and feature flags."""
        ...

    @property
    def operations(self) -> Operations:
        """Registered operations."""
        ...

    def emit(self, event: Event) -> None:
        """Tell, once this commits, what happened. Emit after the subject's row is locked, so that order holds."""
        ...

    def because(self, reason: str | None) -> None:
        """Keep the actor's reason in the audit row."""
        ...

    def disclose(self, subject: str, *, fields: tuple[str, ...]) -> None:
        """Keep in the audit row which personal data of `subject` the actor was shown in the clear."""
        ...

    def remember(self, answer: Plain) -> None:
        """Keep the answer of a command that has an idempotency key, for whoever sends it again; in the same commit."""
        ...
