"""The surroundings of an operation, with what resolvers reach besides the schema's needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self

import strawberry

from db.engine import Database
from domain.gateways import Gateways
from domain.identity.access import AccessClaims
from domain.identity.actor import Actor
from domain.identity.api_key_errors import SignatureReplayed
from domain.operations.ports import DocumentChecker
from domain.payments.acquirer import CheckoutSignatures
from domain.payments.state import Rail
from domain.payouts.state import PayoutRail
from domain.sandbox import Sandbox
from domain.uploads import Storage
from realtime.replay import LiveStreams
from resolvers.loaders import Loaders
from resolvers.settings_cache import SettingsCache
from schema.context import Context


class Connection(Protocol):
    """The socket that an operation came by."""

    async def reauthenticate(self, token: str) -> AccessClaims:
        """Let it go on with a newer access token of the same person.

        Raises:
            NoConnection: nobody signed in when it was opened.
            AuthenticationRefused: the token is worth nothing, or somebody else's.
        """
        ...


class FirstUse(Protocol):
    """Makes a signature used, for good."""

    async def __call__(self) -> bool:
        """Whether it was not used before."""
        ...


class Registry(Protocol):
    """The operations that were registered, as this process knows them."""

    @property
    def checker(self) -> DocumentChecker:
        """What knows whether a document may be registered."""
        ...

    async def refresh(self) -> None:
        """Know at once what was just committed."""
        ...


@dataclass(kw_only=True)
class ApiContext(Context):
    """Context plus the database that reads go to, the live streams, and what use cases are handed."""

    database: Database
    settings: SettingsCache
    gateways: Gateways
    live: LiveStreams
    registry: Registry
    storage: Storage
    payout_rails: frozenset[PayoutRail] = frozenset(PayoutRail)
    open_rails: frozenset[Rail]
    checkout_signatures: Mapping[Rail, CheckoutSignatures] = field(default_factory=dict)
    sandbox: Sandbox | None = None
    """None where real money moves."""
    claims: AccessClaims | None = None
    """What the token said; None where nobody showed one."""
    connection: Connection | None = None

    first_use: FirstUse | None = None
    """Asked once before the first command of a signed request, or before what it listens to begins."""

    async def use_signature(self) -> None:
        """Use up the signature of a request by an API key; the commands of one document have it together."""
        first_use, self.first_use = self.first_use, None
        if first_use is not None and not await first_use():
            raise SignatureReplayed

    def forget_loaded(self) -> None:
        """A fresh set of loaders."""
        self.loaders = Loaders(self.database, self.settings)

    def afresh(
        self,
        *,
        actor: Actor,
        claims: AccessClaims | None,
        request_id: str,
        connection: Connection | None,
        first_use: FirstUse | None,
    ) -> Self:
        """A context for one more operation. It shares with this one what all operations of a process share; to set
        that anew for each would take longer than a small answer.
        """
        made = self.__new__(type(self))
        vars(made).update(vars(self))
        made.actor, made.claims, made.request_id = actor, claims, request_id
        made.connection, made.first_use = connection, first_use
        made.loaders, made.extensions = Loaders(self.database, self.settings), {}
        return made


Info = strawberry.Info[ApiContext, None]
