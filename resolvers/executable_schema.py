"""The executable schema: the root classes of every context, put together."""

from __future__ import annotations

import strawberry
from strawberry.schema.config import StrawberryConfig

from resolvers.api_keys import ApiKeyMutation, ApiKeyQuery
from resolvers.audit import AuditQuery
from resolvers.bank_files import BankFileMutation, BankFileQuery
from resolvers.catalog import CatalogMutation, CatalogQuery
from resolvers.conversion import ConversionMutation, ConversionQuery
from resolvers.disputes import DisputeQuery
from resolvers.identity import IdentityMutation, IdentityQuery
from resolvers.identity_sign_in import SignInMutation
from resolvers.identity_staff import StaffMutation
from resolvers.identity_totp import TotpMutation
from resolvers.kyc import KycMutation, KycQuery
from resolvers.ledger import LedgerQuery
from resolvers.listing_events import ListingSubscription
from resolvers.listings import ListingMutation, ListingQuery
from resolvers.merchants import MerchantMutation, MerchantQuery
from resolvers.nodes import NodeQuery
from resolvers.operations import OperationMutation, OperationQuery
from resolvers.order_events import OrderSubscription
from resolvers.orders import OrderMutation, OrderQuery
from resolvers.payment_events import PaymentSubscription
from resolvers.payments import PaymentMutation, PaymentQuery
from resolvers.payout_rails import PayoutRailMutation, PayoutRailQuery
from resolvers.payout_statements import PayoutStatementMutation, PayoutStatementQuery
from resolvers.payouts import PayoutMutation, PayoutQuery, PayoutSubscription
from resolvers.reconciliation import ReconciliationMutation, ReconciliationQuery
from resolvers.refunds import RefundMutation, RefundQuery
from resolvers.sandbox import SandboxMutation, SandboxQuery
from resolvers.settings import SettingsMutation, SettingsQuery
from resolvers.settings_events import SettingsSubscription
from resolvers.settlement_addresses import MerchantSubscription, SettlementAddressMutation, SettlementAddressQuery
from resolvers.sync import SyncMutation, SyncQuery
from resolvers.tip_events import TipSubscription
from resolvers.tip_payouts import TipPayoutMutation
from resolvers.tips import TipMutation, TipQuery
from resolvers.user_events import UserSubscription
from resolvers.viewer import ViewerQuery
from resolvers.wallet_events import WalletSubscription
from resolvers.wallets import WalletMutation, WalletQuery
from schema.descriptions import describe
from schema.errors import MEMBERS
from schema.scalars import SCALARS
from schema.sync import RESULTS


@strawberry.type
class Query(
    ViewerQuery,
    IdentityQuery,
    WalletQuery,
    ConversionQuery,
    PaymentQuery,
    DisputeQuery,
    MerchantQuery,
    SettlementAddressQuery,
    OrderQuery,
    RefundQuery,
    KycQuery,
    PayoutQuery,
    PayoutRailQuery,
    BankFileQuery,
    PayoutStatementQuery,
    ReconciliationQuery,
    TipQuery,
    SyncQuery,
    LedgerQuery,
    CatalogQuery,
    ListingQuery,
    SettingsQuery,
    ApiKeyQuery,
    OperationQuery,
    AuditQuery,
    SandboxQuery,
    NodeQuery,
):
    """What can be asked."""


@strawberry.type
class Mutation(
    SignInMutation,
    IdentityMutation,
    TotpMutation,
    StaffMutation,
    WalletMutation,
    ConversionMutation,
    PaymentMutation,
    MerchantMutation,
    SettlementAddressMutation,
    OrderMutation,
    RefundMutation,
    KycMutation,
    PayoutMutation,
    PayoutRailMutation,
    BankFileMutation,
    PayoutStatementMutation,
    ReconciliationMutation,
    TipMutation,
    SyncMutation,
    TipPayoutMutation,
    CatalogMutation,
    ListingMutation,
    SettingsMutation,
    ApiKeyMutation,
    OperationMutation,
    SandboxMutation,
):
    """What can be commanded; each answers what it made and why it did not."""


@strawberry.type
class Subscription(
    UserSubscription,
    WalletSubscription,
    PaymentSubscription,
    MerchantSubscription,
    OrderSubscription,
    PayoutSubscription,
    TipSubscription,
    ListingSubscription,
    SettingsSubscription,
):
    """What can be listened to."""


def build_schema(*, suggests_names: bool = True) -> strawberry.Schema:
    """Build it once per process; an operation that does not state its access cannot be built."""
    schema = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=(*MEMBERS, *RESULTS),
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not suggests_names, sort_schema=False),
    )
    describe(schema._schema)
    return schema
