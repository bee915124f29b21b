"""Every repository of one transaction."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property

from sqlalchemy.ext.asyncio import AsyncSession

from db.changes import Change
from db.repositories.bank_files import SqlBankFiles
from db.repositories.catalog import SqlCategories
from db.repositories.checkouts import SqlAcquirerCallbacks, SqlCheckouts, SqlDisputes
from db.repositories.confirmations import SqlConfirmations
from db.repositories.conversion import SqlQuotes, SqlRates
from db.repositories.identity.api_keys import SqlApiKeys
from db.repositories.identity.credentials import SqlDeviceKeys, SqlPins, SqlSigningKeys, SqlTotps
from db.repositories.identity.messages import SqlOutgoingMessages
from db.repositories.identity.passcodes import SqlPasscodes
from db.repositories.identity.sessions import SqlSessions
from db.repositories.identity.users import SqlUsers
from db.repositories.kyc import SqlKycStandings
from db.repositories.ledger import SqlLedger
from db.repositories.listings import SqlListings
from db.repositories.merchants import SqlMerchants
from db.repositories.mpesa import SqlMpesaCallbacks, SqlMpesaRequests
from db.repositories.operations import SqlOperations
from db.repositories.orders import SqlOrders
from db.repositories.payments import SqlPayments, SqlTopUps
from db.repositories.payout_callbacks import SqlPayoutCallbacks
from db.repositories.payout_statements import SqlPayoutStatements
from db.repositories.payouts import SqlPayouts
from db.repositories.products import SqlProducts
from db.repositories.rail_pauses import SqlRailPauses
from db.repositories.reconciliation import SqlReconciliations
from db.repositories.refunds import SqlRefunds
from db.repositories.settings import SqlSettings
from db.repositories.tip_payouts import SqlTipPayoutRules
from db.repositories.tips import SqlTips
from db.repositories.uploads import SqlUploads
from db.repositories.wallets import SqlWallets
from db.transaction import Transaction


class SqlRepositories:
    """Each is made when it is first asked for. They share the transaction, the instant of the command, and what they
    note for its audit row.
    """

    def __init__(self, transaction: Transaction, *, now: datetime) -> None:
        self._transaction = transaction
        self.now = now
        """The instant of the command."""
        self._changes: list[Change] = []

    @property
    def session(self) -> AsyncSession:
        """The mapper's session in this transaction."""
        return self._transaction.session

    def note(self, change: Change) -> None:
        """Add to the audit row what a repository changed past the session."""
        self._changes.append(change)

    @cached_property
    def users(self) -> SqlUsers:
        """People."""
        return SqlUsers(self.session)

    @cached_property
    def sessions(self) -> SqlSessions:
        """Their sessions."""
        return SqlSessions(self.session)

    @cached_property
    def passcodes(self) -> SqlPasscodes:
        """Codes sent to addresses."""
        return SqlPasscodes(self._transaction)

    @cached_property
    def pins(self) -> SqlPins:
        """People's second factor."""
        return SqlPins(self.session)

    @cached_property
    def totps(self) -> SqlTotps:
        """People's authenticators."""
        return SqlTotps(self.session)

    @cached_property
    def device_keys(self) -> SqlDeviceKeys:
        """Keys that devices sign in with."""
        return SqlDeviceKeys(self.session)

    @cached_property
    def api_keys(self) -> SqlApiKeys:
        """Keys by which programs act for people."""
        return SqlApiKeys(self.session)

    @cached_property
    def outgoing_messages(self) -> SqlOutgoingMessages:
        """Messages that wait to be sent."""
        return SqlOutgoingMessages(self.session, now=self.now)

    @cached_property
    def signing_keys(self) -> SqlSigningKeys:
        """The keys of access tokens."""
        return SqlSigningKeys(self._transaction)

    @cached_property
    def categories(self) -> SqlCategories:
        """The tree of categories."""
        return SqlCategories(self._transaction)

    @cached_property
    def listings(self) -> SqlListings:
        """Classified ads."""
        return SqlListings(self._transaction)

    @cached_property
    def ledger(self) -> SqlLedger:
        """Accounts, transfers and holds."""
        return SqlLedger(self._transaction, note=self.note)

    @cached_property
    def wallets(self) -> SqlWallets:
        """Whose wallet is whose."""
        return SqlWallets(self._transaction, note=self.note)

    @cached_property
    def rates(self) -> SqlRates:
        """Exchange rates."""
        return SqlRates(self._transaction)

    @cached_property
    def quotes(self) -> SqlQuotes:
        """Promised conversions."""
        return SqlQuotes(self._transaction)

    @cached_property
    def payments(self) -> SqlPayments:
        """What should be paid."""
        return SqlPayments(self._transaction, now=self.now)

    @cached_property
    def merchants(self) -> SqlMerchants:
        """Businesses."""
        return SqlMerchants(self._transaction, now=self.now)

    @cached_property
    def products(self) -> SqlProducts:
        """What they sell, and their stock."""
        return SqlProducts(self._transaction, now=self.now)

    @cached_property
    def orders(self) -> SqlOrders:
        """What was bought."""
        return SqlOrders(self._transaction, note=self.note)

    @cached_property
    def payouts(self) -> SqlPayouts:
        """What leaves the market."""
        return SqlPayouts(self._transaction, now=self.now)

    @cached_property
    def bank_files(self) -> SqlBankFiles:
        """Files by which payouts leave."""
        return SqlBankFiles(self._transaction, now=self.now)

    @cached_property
    def payout_statements(self) -> SqlPayoutStatements:
        """What rails say that they did."""
        return SqlPayoutStatements(self._transaction, now=self.now)

    @cached_property
    def rail_pauses(self) -> SqlRailPauses:
        """Rails of payouts that are left alone."""
        return SqlRailPauses(self._transaction, now=self.now)

    @cached_property
    def payout_callbacks(self) -> SqlPayoutCallbacks:
        """What rails told of payouts."""
        return SqlPayoutCallbacks(self.session, now=self.now)

    @cached_property
    def reconciliations(self) -> SqlReconciliations:
        """What rails say beside what is booked."""
        return SqlReconciliations(self._transaction)

    @cached_property
    def refunds(self) -> SqlRefunds:
        """What was given back."""
        return SqlRefunds(self._transaction)

    @cached_property
    def kyc_standings(self) -> SqlKycStandings:
        """How well people are known."""
        return SqlKycStandings(self._transaction)

    @cached_property
    def confirmations(self) -> SqlConfirmations:
        """What people are told by e-mail of their money."""
        return SqlConfirmations(self._transaction, now=self.now)

    @cached_property
    def mpesa_requests(self) -> SqlMpesaRequests:
        """Prompts of M-Pesa."""
        return SqlMpesaRequests(self._transaction, now=self.now)

    @cached_property
    def mpesa_callbacks(self) -> SqlMpesaCallbacks:
        """What M-Pesa called back."""
        return SqlMpesaCallbacks(self.session, now=self.now)

    @cached_property
    def checkouts(self) -> SqlCheckouts:
        """Payments as their acquirers know them."""
        return SqlCheckouts(self.session, now=self.now)

    @cached_property
    def acquirer_callbacks(self) -> SqlAcquirerCallbacks:
        """What acquirers called back."""
        return SqlAcquirerCallbacks(self.session, now=self.now)

    @cached_property
    def disputes(self) -> SqlDisputes:
        """What payers' banks ask back."""
        return SqlDisputes(self.session)

    @cached_property
    def tips(self) -> SqlTips:
        """Workers and their tips."""
        return SqlTips(self._transaction, now=self.now, note=self.note)

    @cached_property
    def tip_payout_rules(self) -> SqlTipPayoutRules:
        """Rules by which tips leave."""
        return SqlTipPayoutRules(self._transaction, now=self.now)

    @cached_property
    def uploads(self) -> SqlUploads:
        """Stored files."""
        return SqlUploads(self._transaction)

    @cached_property
    def top_ups(self) -> SqlTopUps:
        """What payments become in wallets."""
        return SqlTopUps(self._transaction)

    @cached_property
    def settings(self) -> SqlSettings:
        """Settings and feature flags."""
        return SqlSettings(self._transaction)

    @cached_property
    def operations(self) -> SqlOperations:
        """Registered operations."""
        return SqlOperations(self._transaction)
