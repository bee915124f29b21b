"""The executable schema: the root classes of every context, put together."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any

import strawberry
import structlog
from graphql import GraphQLError
from strawberry.extensions import SchemaExtension
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext

from execution.mode import ExecutionMode
from resolvers.audit import AuditQuery
from resolvers.catalog import CatalogMutation, CatalogQuery
from resolvers.compiled_execution import compiled
from resolvers.identity import IdentityMutation, IdentityQuery
from resolvers.identity_sign_in import SignInMutation
from resolvers.identity_staff import StaffMutation
from resolvers.ledger import LedgerQuery
from resolvers.listing_events import ListingSubscription
from resolvers.listings import ListingMutation, ListingQuery
from resolvers.nodes import NodeQuery
from resolvers.prepared import Prepared
from resolvers.settings import SettingsMutation, SettingsQuery
from resolvers.settings_events import SettingsSubscription
from resolvers.user_events import UserSubscription
from resolvers.viewer import ViewerQuery
from resolvers.wallet_events import WalletSubscription
from resolvers.wallets import WalletMutation, WalletQuery
from schema.descriptions import describe
from schema.errors import MEMBERS
from schema.scalars import SCALARS

log = structlog.get_logger("sokoni.graphql")


@strawberry.type
class Query(
    ViewerQuery,
    IdentityQuery,
    WalletQuery,
    LedgerQuery,
    CatalogQuery,
    ListingQuery,
    SettingsQuery,
    AuditQuery,
    NodeQuery,
):
    """What can be asked."""


@strawberry.type
class Mutation(
    SignInMutation,
    IdentityMutation,
    StaffMutation,
    WalletMutation,
    CatalogMutation,
    ListingMutation,
    SettingsMutation,
):
    """What can be commanded; each answers what it made and why it did not."""


@strawberry.type
class Subscription(UserSubscription, WalletSubscription, ListingSubscription, SettingsSubscription):
    """What can be listened to."""


class SokoniSchema(strawberry.Schema):
    """The schema; logs what nobody expected and nothing else."""

    mode: ExecutionMode = ExecutionMode.REFERENCE

    @cached_property
    def prepared(self) -> Prepared:
        """Documents that were found valid."""
        return Prepared()

    def _get_execute_function(self) -> Callable[..., Any]:
        if self.mode is ExecutionMode.REFERENCE:
            return super()._get_execute_function()
        return compiled(self.prepared, mode=self.mode)

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Log the faults of ours with their traceback; refusals and faulty documents are the client's to read."""
        for error in errors:
            if is_unexpected(error):
                request_id = getattr(getattr(execution_context, "context", None), "request_id", None)
                log.error("field_failed", path=error.path, request_id=request_id, exc_info=error.original_error)


def is_unexpected(error: GraphQLError) -> bool:
    """Whether the error is a fault of ours rather than a refusal or a faulty document."""
    return error.original_error is not None and not isinstance(error.original_error, GraphQLError)


def build_schema(
    *,
    extensions: list[type[SchemaExtension]],
    suggests_names: bool = True,
    mode: ExecutionMode = ExecutionMode.REFERENCE,
) -> SokoniSchema:
    """Build it once per process; an operation that does not state its access cannot be built."""
    schema = SokoniSchema(
        query=Query,
        mutation=Mutation,
        subscription=Subscription,
        types=MEMBERS,
        extensions=extensions,
        config=StrawberryConfig(scalar_map=SCALARS, disable_field_suggestions=not suggests_names, sort_schema=False),
    )
    schema.mode = mode
    describe(schema._schema)
    return schema
