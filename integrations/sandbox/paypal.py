"""A server in the shape of PayPal's orders, for development and tests: its paths, its tokens, its request ids, its
errors, its certificate, and events signed by that.

Each new order is approved after two seconds, unless `POST /sandbox/behaviours` said otherwise before; a payer approves
one by opening its address.
"""

from __future__ import annotations

import asyncio
import base64
import secrets
import zlib
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, Final

import orjson
from aiohttp import BasicAuth, web
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from integrations.sandbox.caller import Caller
from integrations.sandbox.driven import Driven
from integrations.sandbox.paypal_bodies import (
    BUSY,
    CAPTURED,
    DECLINED,
    INTERNAL,
    NO_TOKEN,
    NOT_APPROVED,
    NOT_FOUND,
    Order,
    PayPalFault,
    approved,
    captured,
    disputed,
    faulty_field,
    stamp,
)

TOKEN_SECONDS: Final = 32_400
APPROVES_AFTER_SECONDS: Final = 2.0
REFUSALS: Final = {"busy": BUSY, "internal": INTERNAL}
YEAR: Final = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPalBehaviour:
    """What becomes of the next order. `answer` is what its creation is answered with: `ok`; `busy` or `internal`, and
    nothing is created; `internal-accepted` or `slow`, and it is created nevertheless. `captures` says the same of its
    capture, and knows `declined` – once – and `pending` besides.

    The payer approves it `after_seconds`, if it `is_approved`. Each event is sent `callbacks` times.
    """

    answer: str = "ok"
    captures: str = "ok"
    is_approved: bool = True
    after_seconds: float = APPROVES_AFTER_SECONDS
    callbacks: int = 1
    slow_seconds: float = 30.0


@dataclass(eq=False)
class PayPalSandbox:
    """One account. `orders` is everything that was created, `kept` what request ids were answered with."""

    client_id: str
    client_secret: str
    webhook_id: str
    caller: Caller
    url: str = ""
    now: InitVar[Callable[[], datetime]] = lambda: datetime.now(UTC)
    usual: PayPalBehaviour = field(default_factory=PayPalBehaviour)
    orders: dict[str, Order] = field(default_factory=dict)
    behaviours: dict[str, PayPalBehaviour] = field(default_factory=dict)
    kept: dict[str, tuple[int, Any]] = field(default_factory=dict)
    captures: int = 0
    tokens_given: int = 0
    certificates_given: int = 0
    _next: list[PayPalBehaviour] = field(default_factory=list)
    _tokens: set[str] = field(default_factory=set)

    def __post_init__(self, now: Callable[[], datetime]) -> None:
        self.driven = Driven(now)

    def application(self) -> web.Application:
        """Its routes."""
        application = web.Application()
        application.router.add_post("/v1/oauth2/token", self._token)
        application.router.add_post("/v2/checkout/orders", self._create)
        application.router.add_get("/v2/checkout/orders/{id}", self._show)
        application.router.add_post("/v2/checkout/orders/{id}/capture", self._capture)
        application.router.add_get("/v1/notifications/certs/{name}", self._certificate)
        self.driven.add_to(application)
        application.router.add_get("/checkoutnow", self._payer)
        application.router.add_post("/sandbox/behaviours", self._behave)
        application.router.add_post("/sandbox/disputes/{id}", self._dispute)
        application.router.add_get("/sandbox/orders", self._shown)
        application.on_cleanup.append(self.caller.hang_up)
        return application

    def next(self, **behaviour: Any) -> None:
        """How the next order without a behaviour of its own goes."""
        self._next.append(replace(self.usual, **behaviour))

    def expire_tokens(self) -> None:
        """No token that was given is good any more."""
        self._tokens.clear()

    async def approve(self, order: Order, *, callbacks: int = 1) -> None:
        """The payer approves."""
        if order.status == "CREATED":
            order.status = "APPROVED"
        event = approved(order, at=self.driven.now())
        for _ in range(callbacks):
            await self.tell(event)

    async def decide(self, order: Order, status: str) -> None:
        """What was pending is decided."""
        order.capture_status = status
        await self.tell(captured(order, at=self.driven.now()))

    async def tell(self, event: dict[str, Any], *, key: RSAPrivateKey | None = None, name: str = "CERT-1") -> None:
        """Send an event, signed now."""
        await self.caller.call(*self.signed(orjson.dumps(event), key=key, name=name))

    def signed(
        self, body: bytes, *, key: RSAPrivateKey | None = None, name: str = "CERT-1", webhook_id: str = ""
    ) -> tuple[dict[str, str], bytes]:
        """A delivery as PayPal would sign it now."""
        transmission_id, sent = secrets.token_hex(16), stamp(self.driven.now())
        text = f"{transmission_id}|{sent}|{webhook_id or self.webhook_id}|{zlib.crc32(body)}"
        signature = (key or self.key).sign(text.encode(), PKCS1v15(), SHA256())
        headers = {
            "PayPal-Transmission-Id": transmission_id,
            "PayPal-Transmission-Time": sent,
            "PayPal-Transmission-Sig": base64.b64encode(signature).decode(),
            "PayPal-Cert-Url": f"{self.url}/v1/notifications/certs/{name}",
            "PayPal-Auth-Algo": "SHA256withRSA",
        }
        return headers, body

    @cached_property
    def key(self) -> RSAPrivateKey:
        """What events are signed with."""
        return generate_private_key(65537, 2048)

    @cached_property
    def certificate(self) -> bytes:
        """By which the key is known."""
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sandbox.invalid")])
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(self.key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(self.driven.now() - YEAR)
        return made.not_valid_after(self.driven.now() + YEAR).sign(self.key, SHA256()).public_bytes(Encoding.PEM)

    async def _token(self, request: web.Request) -> web.Response:
        try:
            given = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            return NO_TOKEN.response()
        if (given.login, given.password) != (self.client_id, self.client_secret):
            return web.json_response({"error": "invalid_client"}, status=401)
        token = secrets.token_hex(20)
        self._tokens.add(token)
        self.tokens_given += 1
        return web.json_response({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_SECONDS})

    def _has_token(self, request: web.Request) -> bool:
        return request.headers.get("Authorization", "").removeprefix("Bearer ") in self._tokens

    async def _create(self, request: web.Request) -> web.Response:
        if not self._has_token(request):
            return NO_TOKEN.response()
        body, name = await request.json(), request.headers["PayPal-Request-Id"]
        if fault := faulty_field(body):
            return fault.response()
        if name in self.kept:
            return self._again(name)
        behaviour = self._next.pop(0) if self._next else self.usual
        if behaviour.answer in REFUSALS:  # faults are not kept
            return REFUSALS[behaviour.answer].response()
        order = Order.of(body, created=self.driven.now(), url=self.url)
        self.orders[order.id], self.behaviours[order.id] = order, behaviour
        self.kept[name] = (200, order)
        if behaviour.is_approved:
            self.caller.later(self._approve_later(order, behaviour))
        return await self._done(order.shown, behaviour.answer, behaviour)

    async def _approve_later(self, order: Order, behaviour: PayPalBehaviour) -> None:
        await self.driven.pass_time(behaviour.after_seconds)
        await self.approve(order, callbacks=behaviour.callbacks)

    async def _done(self, said: Any, answer: str, behaviour: PayPalBehaviour) -> web.Response:
        if answer == "slow":
            await asyncio.sleep(behaviour.slow_seconds)
        if answer == "internal-accepted":
            return INTERNAL.response()
        return web.json_response(said, status=201)

    def _again(self, name: str) -> web.Response:
        status, order = self.kept[name]
        return web.json_response(order.shown, status=status)

    async def _show(self, request: web.Request) -> web.Response:
        if not self._has_token(request):
            return NO_TOKEN.response()
        order = self.orders.get(request.match_info["id"])
        return NOT_FOUND.response() if order is None else web.json_response(order.shown)

    async def _capture(self, request: web.Request) -> web.Response:
        if not self._has_token(request):
            return NO_TOKEN.response()
        order, name = self.orders.get(request.match_info["id"]), request.headers["PayPal-Request-Id"]
        if order is None:
            return NOT_FOUND.response()
        if name in self.kept:
            return self._again(name)
        behaviour = self.behaviours[order.id]
        if fault := self._uncapturable(order, behaviour):
            return fault.response()
        self.captures += 1
        order.status = "COMPLETED"
        order.capture_status = "PENDING" if behaviour.captures == "pending" else "COMPLETED"
        self.kept[name] = (200, order)
        self.caller.later(self._tell_capture(order, behaviour))
        return await self._done(order.shown, behaviour.captures, behaviour)

    def _uncapturable(self, order: Order, behaviour: PayPalBehaviour) -> PayPalFault | None:
        if order.capture_status is not None:
            return CAPTURED
        if order.status != "APPROVED":
            return NOT_APPROVED
        fault = {**REFUSALS, "declined": DECLINED}.get(behaviour.captures)
        if fault is not None:  # once
            self.behaviours[order.id] = replace(behaviour, captures="ok")
        return fault

    async def _tell_capture(self, order: Order, behaviour: PayPalBehaviour) -> None:
        event = captured(order, at=self.driven.now())
        for _ in range(behaviour.callbacks):
            await self.tell(event)

    async def _certificate(self, request: web.Request) -> web.Response:
        if request.match_info["name"] != "CERT-1":
            return NOT_FOUND.response()
        self.certificates_given += 1
        return web.Response(body=self.certificate, content_type="application/x-pem-file")

    async def _payer(self, request: web.Request) -> web.Response:
        order = self.orders.get(request.query.get("token", ""))
        if order is None or order.status != "CREATED":
            return NOT_FOUND.response()
        await self.approve(order, callbacks=self.behaviours[order.id].callbacks)
        return web.json_response({"status": order.status})

    async def _dispute(self, request: web.Request) -> web.Response:
        order = self.orders[request.match_info["id"]]
        await self.tell(disputed(order, at=self.driven.now(), **await request.json()))
        return web.json_response({})

    async def _behave(self, request: web.Request) -> web.Response:
        try:
            self.next(**await request.json())
        except TypeError as unknown:
            return web.json_response({"error": str(unknown)}, status=400)
        return web.json_response({"next": len(self._next)})

    async def _shown(self, _: web.Request) -> web.Response:
        return web.json_response([order.shown for order in self.orders.values()])
