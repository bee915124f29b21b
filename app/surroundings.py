"""Contexts for the operations of requests and sockets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import Final

from app.authentication import Authenticated, Authentication, actor_of
from app.registry import Registry
from app.sandbox import HouseSandbox
from app.wiring import Wiring
from db.signatures import use_signature
from domain.identity.access import AccessClaims
from domain.identity.actor import Actor
from domain.identity.api_key_errors import SignatureReplayed
from domain.identity.errors import NoConnection, TokenOfAnother
from domain.rate_limits import RateLimiter
from realtime.presence import Presence
from realtime.replay import LiveStreams
from resolvers.context import ApiContext, Connection
from resolvers.settings_cache import SettingsCache
from schema.pages import CursorSigner
from transport.surroundings import Caller, Close, Refused

CREDENTIAL_NAMES: Final = ("authorization", "Authorization")


@dataclass(frozen=True, kw_only=True)
class ApiSurroundings:
    """What the endpoint asks for a context of each operation."""

    wiring: Wiring
    authentication: Authentication
    presence: Presence
    limiter: RateLimiter
    live: LiveStreams
    settings: SettingsCache
    registry: Registry
    cursors: CursorSigner
    sandbox: HouseSandbox | None

    async def of_request(self, caller: Caller) -> ApiContext:
        """The context of an HTTP request.

        Raises:
            Refused: its token is worth nothing.
        """
        known = await self.authentication.of(caller.header(b"authorization"), caller)
        context = self.context(known, caller.state["request_id"])
        context.key_in_header = caller.header(b"idempotency-key")
        return context

    def of_stream(self, context: ApiContext, close: Close) -> ApiSession:
        """The session of an event stream; a person's ends with their access, as a socket does."""
        return ApiSession(self, Authenticated(context.actor, context.claims), context.request_id, close)

    async def of_socket(self, caller: Caller, parameters: Mapping[str, object], close: Close) -> ApiSession:
        """The session of a socket; the token comes in `connection_init` or in the handshake's header.

        Raises:
            Refused: its token is worth nothing.
        """
        named = (parameters[name] for name in CREDENTIAL_NAMES if name in parameters)
        credential = next(named, caller.header(b"authorization"))
        request_id: str = caller.state["request_id"]
        known = await self.authentication.of(credential, caller)
        if known.signature is not None and not await self._first_use(known.signature):
            replayed = SignatureReplayed()
            code = replayed.code.value
            raise Refused(str(replayed), code=code, request_id=request_id, reason=replayed.reason)
        return ApiSession(self, known, request_id, close)

    def context(self, known: Authenticated, request_id: str, connection: Connection | None = None) -> ApiContext:
        """Fresh surroundings for one operation."""
        return self._of_nobody.afresh(
            actor=known.actor,
            claims=known.claims,
            request_id=request_id,
            connection=connection,
            first_use=None if known.signature is None else partial(self._first_use, known.signature),
        )

    @cached_property
    def _of_nobody(self) -> ApiContext:
        return ApiContext(
            actor=Actor.anonymous(),
            request_id="",
            open_unit_of_work=self.wiring.unit_of_work,
            carry_together=self.wiring.carry_together,
            cursors=self.cursors,
            limiter=self.limiter,
            database=self.wiring.database,
            settings=self.settings,
            gateways=self.wiring.gateways,
            live=self.live,
            registry=self.registry,
            storage=self.wiring.storage,
            payout_rails=self.wiring.payout_rails,
            open_rails=self.wiring.open_rails,
            checkout_signatures=self.wiring.checkout_signatures,
            clock=self.wiring.clock,
            sandbox=self.sandbox,
        )

    async def _first_use(self, signature: bytes) -> bool:
        return await use_signature(self.wiring.database, signature, at=self.wiring.clock.now())


class ApiSession:
    """A socket or an event stream of somebody; a person's is closed when their access ends."""

    def __init__(self, surroundings: ApiSurroundings, known: Authenticated, request_id: str, close: Close) -> None:
        self._surroundings, self._request_id, self._close = surroundings, request_id, close
        self._actor = known.actor
        self._claims: AccessClaims | None = known.claims
        self._operations = 0
        if self._claims is not None:
            surroundings.presence.register(self, self._claims)

    def context(self) -> ApiContext:
        """Fresh surroundings for one operation, named after the socket's request and its number on it."""
        self._operations += 1
        known = Authenticated(self._actor, self._claims)  # its signature was used up by the opening
        return self._surroundings.context(known, f"{self._request_id}.{self._operations}", self)

    async def reauthenticate(self, token: str) -> AccessClaims:
        """Go on with a newer token; what is listened to goes on as it is.

        Raises:
            NoConnection: nobody signed in when it was opened.
            AuthenticationRefused: the token is worth nothing, or somebody else's.
        """
        if self._claims is None:
            raise NoConnection
        claims = await self._surroundings.authentication.claims(token)
        if claims.user_id != self._claims.user_id:
            raise TokenOfAnother
        self._surroundings.presence.unregister(self, self._claims)
        self._actor, self._claims = actor_of(claims, address=self._actor.address), claims
        self._surroundings.presence.register(self, claims)
        return claims

    async def close(self, code: int, reason: str) -> None:
        """End it."""
        await self._close(code, reason)

    def ended(self) -> None:
        """It is gone."""
        if self._claims is not None:
            self._surroundings.presence.unregister(self, self._claims)
